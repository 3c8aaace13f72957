import progress from "cli-progress";
import type { SweepProgress } from "../sweep/sweep.js";
import { printAside } from "./output.js";
import { columns, movesCursor } from "./terminal.js";

/** The progress of a sweep, on stderr. */
export interface ShownSweep {
  show(progress: SweepProgress): void;
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
  return { show: json ? () => {} : line, stop: () => {} };
}

function bar(): ShownSweep {
  const shown = new progress.SingleBar({
    stream: process.stderr,
    format: "{bar}  {value}/{total}, {eta_formatted} left{what}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: Math.max(4, 20 + Math.min(0, columns(process.stderr) - 80)),
    hideCursor: true,
  });
  let started = false;
  return {
    show(now) {
      const payload = { what: textOf(now) };
      if (!started) shown.start(now.most, 0, payload);
      started = true;
      shown.update(now.done, payload);
    },
    stop: () => shown.stop(),
  };
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
