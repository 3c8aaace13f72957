import progress from "cli-progress";
import type { TuneMeasure } from "../tabular/tune/halving.js";
import type { TuneProgress } from "../tabular/tune/tune.js";
import { printAside } from "./output.js";
import { lossText, percentText } from "./progress.js";
import { columns, movesCursor } from "./terminal.js";
import { plural } from "./trainReport.js";
import { STAGE_WORDS } from "./tuneReport.js";

/** The progress display of a search, on stderr. */
export interface Shown {
  show(progress: TuneProgress): void;
  stop(): void;
}

/** A bar on a terminal that moves its cursor; otherwise a line for each rung, or nothing with --json. */
export function tuneProgress(json: boolean): Shown {
  if (movesCursor(process.stderr)) return bar();
  return { show: json ? () => {} : line, stop: () => {} };
}

function bar(): Shown {
  const shown = new progress.SingleBar({
    stream: process.stderr,
    format: "{bar}  {what}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: Math.max(4, 20 + Math.min(0, columns(process.stderr) - 80)),
    hideCursor: true,
    forceRedraw: true,
  });
  let started = false;
  return {
    show(now) {
      const { rows, allRows, done, of, count } = now;
      const payload = { what: textOf(now) };
      if (!started) shown.start(allRows, 0, payload);
      started = true;
      shown.update(rows + (of === 0 ? 0 : (done / of) * count), payload);
    },
    stop: () => shown.stop(),
  };
}

function line(now: TuneProgress): void {
  if (now.done === 0) printAside([textOf(now)]);
}

function textOf({ name, count, epochs, done, of, best }: TuneProgress): string {
  const networks = done === 0 ? "" : ` (${done}/${of})`;
  return `${STAGE_WORDS[name]}: ${count} over ${plural(epochs, "epoch")}${networks}${best ? `, best ${measureText(best)}` : ""}`;
}

/** The figure that settings are ranked by. */
export const measureText = ({ accuracy, rmse }: TuneMeasure): string =>
  accuracy === null ? `RMSE ${lossText(rmse!)}` : percentText(accuracy);
