import progress from "cli-progress";
import { print } from "./output.js";
import { columns, movesCursor } from "./terminal.js";

/** A step of a run; epochs are counted from 1. */
export interface StepFigures {
  step: number;
  /** Steps of the whole run. */
  steps: number;
  epoch: number;
  loss: number;
  speed: number;
}

/** An epoch of a run. */
export interface EpochFigures {
  epoch: number;
  loss: number;
  speed: number;
  validation?: { loss: number; accuracy?: number } | undefined;
}

/** The progress display of a run. */
export interface Progress {
  step(figures: StepFigures): void;
  epoch(figures: EpochFigures): void;
  stop(): void;
}

const SILENT: Progress = { step: () => {}, epoch: () => {}, stop: () => {} };

/**
 * Shows a bar on stderr if both outputs are terminals that move their cursor; otherwise prints lines on stdout, one for
 * each of up to 40 epochs and about 20 for more, or nothing with --json.
 */
export function progressOf(epochs: number, json: boolean, { validation, before }: ProgressOptions): Progress {
  const shown =
    movesCursor(process.stderr) && (process.stdout.isTTY || json)
      ? bar(epochs, validation)
      : json
        ? SILENT
        : lines(epochs);
  if (json || before === undefined) return shown;
  let shownBefore = false;
  // Printed with the first step, by which time a run that cannot be resumed has been refused.
  return {
    ...shown,
    step(figures) {
      if (!shownBefore) print([before]);
      shownBefore = true;
      shown.step(figures);
    },
  };
}

interface ProgressOptions {
  /** Whether the run is validated. */
  validation: boolean;
  /** A line to print first. */
  before?: string;
}

function bar(epochs: number, validation: boolean): Progress {
  const shown = new progress.SingleBar({
    stream: process.stderr,
    format: `{bar}  epoch {epoch}/{epochs}  loss {loss}${validation ? "  {validation}" : ""}  {speed} samples/s`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    // 80 columns in all, where there are as many; cli-progress turns off the wrapping of longer lines.
    barsize: Math.max(4, (validation ? 12 : 24) + Math.min(0, columns() - 80)),
    hideCursor: true,
    // The numbers change their width: this clears the rest of the previous line.
    forceRedraw: true,
  });
  const payload = (epoch: number, loss: number, speed: number) => ({
    epoch: String(epoch).padStart(String(epochs).length),
    epochs,
    loss: lossText(loss).padEnd(9),
    speed: speedText(speed),
    validation: valid,
  });
  // The loss of the last complete epoch, because that of a batch fluctuates; the first epoch has no other.
  let whole: number | undefined;
  let valid = "valid …".padEnd(13);
  let taken = 0;
  return {
    step: ({ step, steps, epoch, loss, speed }) => {
      if (taken === 0)
        shown.start(steps, step, payload(epoch, loss, speed)); // a resumed run starts at its last step
      else shown.update(step, payload(epoch, whole ?? loss, speed));
      taken = step;
    },
    epoch: ({ epoch, loss, speed, validation }) => {
      if (validation) valid = validText(validation).padEnd(13);
      whole = loss;
      shown.update(taken, payload(epoch, loss, speed));
    },
    stop: () => shown.stop(),
  };
}

/** The most epochs that have a line each; of more about half as many have one. */
const EACH = 40;
/** Milliseconds after which an epoch has a line in any case: someone may be waiting. */
const LONGEST_SILENCE = 10_000;

function lines(epochs: number): Progress {
  const width = String(epochs).length;
  const interval = epochs <= EACH ? 1 : Math.ceil((2 * epochs) / EACH);
  let told = performance.now();
  let untold: EpochFigures | undefined;
  const tell = ({ epoch, loss, speed, validation }: EpochFigures) => {
    const parts = [
      `epoch ${String(epoch).padStart(width)}/${epochs}`,
      `loss ${lossText(loss).padEnd(9)}`,
      ...(validation ? [validText(validation).padEnd(13)] : []),
      `${speedText(speed)} samples/s`,
    ];
    print([parts.join("  ")]);
  };
  return {
    ...SILENT,
    epoch(figures) {
      const { epoch } = figures;
      const now = performance.now();
      const due = epoch === 1 || epoch % interval === 0 || now - told >= LONGEST_SILENCE;
      untold = due ? undefined : figures;
      if (!due) return;
      told = now;
      tell(figures);
    },
    stop() {
      if (untold) tell(untold); // the last epoch of a run, which may stop early
      untold = undefined;
    },
  };
}

const validText = ({ loss, accuracy }: { loss: number; accuracy?: number }): string =>
  `valid ${accuracy === undefined ? lossText(loss) : percentText(accuracy)}`;

/** A fraction as a percentage with two decimals. */
export const percentText = (share: number): string => `${(share * 100).toFixed(2)} %`;
/** Four significant digits. */
export const lossText = (loss: number): string =>
  loss !== 0 && (Math.abs(loss) < 1e-4 || Math.abs(loss) >= 1e6) ? loss.toExponential(3) : loss.toPrecision(4);
/** Samples per second with two significant digits: more would be noise. */
export const speedText = (speed: number): string => Number(speed.toPrecision(2)).toLocaleString("en-US");
