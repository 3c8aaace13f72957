import progress from "cli-progress";
import type { SweepProgress } from "../sweep/sweep.js";
import { printAside } from "./output.js";
import { columns, movesCursor } from "./terminal.js";

/** The progress of a sweep, on stderr. */
export interface ShownSweep {
  show(progress: SweepProgress): void;
  /** Whether no worker of the queue is there: nothing moves then. */
  alone(alone: boolean): void;
  stop(): void;
}

/** Between two lines where the cursor does not move, in milliseconds. */
const LINE = 10_000;

/** A bar on a terminal that moves its cursor; otherwise a line every ten seconds, or nothing with --json. */
export function sweepProgress(json: boolean): ShownSweep {
  if (movesCursor(process.stderr)) return bar();
  let last = performance.now();
  const line = (now: SweepProgress) => {
    if (performance.now() - last < LINE) return;
    last = performance.now();
    printAside([`${now.done} of at most ${now.most}${textOf(now)}`]);
  };
  let told = false;
  const alone = (now: boolean) => {
    if (now && !told) printAside([ALONE]);
    told = now;
  };
  return { show: json ? () => {} : line, alone, stop: () => {} };
}

/** What is missing when nobody works. */
const ALONE =
  "no worker takes these trials: start thalweg worker with this --redis and THALWEG_SWEEP_KEY, for a module with --module too";

function bar(): ShownSweep {
  const shown = new progress.SingleBar({
    stream: process.stderr,
    format: "{bar}  {value}/{total}{left}{what}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: Math.max(4, 20 + Math.min(0, columns(process.stderr) - 80)),
    hideCursor: true,
  });
  const start = performance.now();
  let last: SweepProgress | undefined;
  let isAlone = false;
  const draw = (now: SweepProgress) => {
    const total = Math.max(now.most, now.done + now.running); // in halving the most is an estimate
    const what = isAlone ? ", no worker takes them (thalweg worker)" : textOf(now);
    shown.setTotal(total);
    shown.update(now.done, { left: leftOf(now, total, performance.now() - start), what });
  };
  return {
    show(now) {
      if (last === undefined) shown.start(now.most, 0, { left: "", what: "" });
      last = now;
      draw(now);
    },
    alone(alone) {
      isAlone = alone;
      if (last) draw(last);
    },
    stop: () => shown.stop(),
  };
}

/** The time that is left, by what this start has done; before its first results nothing is known. */
function leftOf({ done, resumed }: SweepProgress, total: number, elapsed: number): string {
  if (done === resumed) return "";
  const seconds = Math.ceil((elapsed / 1000 / (done - resumed)) * (total - done));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `, ${hours}h${`${minutes}`.padStart(2, "0")}m left`;
  return minutes > 0 ? `, ${minutes}m${`${seconds % 60}`.padStart(2, "0")}s left` : `, ${seconds}s left`;
}

function textOf({ running, failed, best }: SweepProgress): string {
  const [name, value] = Object.entries(best?.measures ?? {})[0] ?? [];
  const parts = [
    `${running} running`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(name === undefined ? [] : [`best ${name} ${Number(value.toPrecision(4))}`]),
  ];
  return `, ${parts.join(", ")}`;
}
