import progress from "cli-progress";

/** What a run shows of itself while it lasts. */
export interface Progress {
  step(done: number, epoch: number, loss: number, speed: number): void;
  /** `epoch` counted from 1. */
  epoch(epoch: number, loss: number, speed: number): void;
  stop(): void;
}

const SILENT: Progress = { step: () => {}, epoch: () => {}, stop: () => {} };

/**
 * A bar on stderr where both outputs are terminals; where stdout is a pipe or a file, a line an epoch on stdout, or
 * nothing there with --json.
 */
export function progressOf(steps: number, epochs: number, json: boolean): Progress {
  if (process.stderr.isTTY && (process.stdout.isTTY || json)) return bar(steps, epochs);
  return json ? SILENT : lines(epochs);
}

function bar(steps: number, epochs: number): Progress {
  const shown = new progress.SingleBar({
    stream: process.stderr,
    format: "{bar}  epoch {epoch}/{epochs}  loss {loss}  {speed} samples/s",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    // Numbers change their width as they go: the rest of the line before them is wiped.
    forceRedraw: true,
  });
  const payload = (epoch: number, loss: number, speed: number) => ({
    epoch: String(epoch).padStart(String(epochs).length),
    epochs,
    loss: lossText(loss).padEnd(9),
    speed: speedText(speed),
  });
  shown.start(steps, 0, { epoch: 1, epochs, loss: "…", speed: "…" });
  // The loss of the last whole epoch: that of a batch jumps about. In the first epoch there is no other.
  let whole: number | undefined;
  let taken = 0;
  return {
    step: (done, epoch, loss, speed) => shown.update((taken = done), payload(epoch, whole ?? loss, speed)),
    epoch: (epoch, loss, speed) => shown.update(taken, payload(epoch, (whole = loss), speed)),
    stop: () => shown.stop(),
  };
}

function lines(epochs: number): Progress {
  const width = String(epochs).length;
  return {
    ...SILENT,
    epoch: (epoch, loss, speed) =>
      void process.stdout.write(
        `epoch ${String(epoch).padStart(width)}/${epochs}  loss ${lossText(loss).padEnd(9)}  ${speedText(speed)} samples/s\n`,
      ),
  };
}

/** Four significant digits. */
export const lossText = (loss: number): string =>
  loss !== 0 && (Math.abs(loss) < 1e-4 || Math.abs(loss) >= 1e6) ? loss.toExponential(3) : loss.toPrecision(4);
/** Samples a second, two digits: the rest is noise. */
export const speedText = (speed: number): string => Number(speed.toPrecision(2)).toLocaleString("en-US");
