/**
 * The error that ends a run of `train` whose numbers are no longer finite. If the loss is NaN or infinite, its step is
 * not taken and the model stays as it was before it. If a step left such a value in a parameter, which a run looks for
 * at its end and before each checkpoint, the last checkpoint is kept.
 *
 * @example
 * try {
 *   await train(model, data, options);
 * } catch (error) {
 *   if (!(error instanceof DivergedError)) throw error;
 *   console.log(`diverged at step ${error.step}: ${error.reason}`);
 * }
 */
export class DivergedError extends RangeError {
  /** Counted from 1 over the whole run. */
  readonly step: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** The loss that is NaN or infinite; undefined where the loss was finite and `parameter` is not. */
  readonly loss: number | undefined;
  /** The name of the parameter that is no longer finite; undefined where the loss is not. */
  readonly parameter: string | undefined;
  /** What is not finite, in words: "the loss is NaN". */
  readonly reason: string;

  /** @internal */
  constructor(step: number, epoch: number, value: number, after: { parameter?: string; saved?: boolean } = {}) {
    const { parameter, saved = false } = after;
    const reason = parameter === undefined ? `the loss is ${value}` : `it left ${value} in "${parameter}"`;
    const then = parameter === undefined ? ". The step was not taken" : saved ? ". The last checkpoint was kept" : "";
    super(`training diverged at step ${step} (epoch ${epoch + 1}): ${reason}; try a smaller lr or clipNorm: 1${then}`);
    this.step = step;
    this.epoch = epoch;
    this.loss = parameter === undefined ? value : undefined;
    this.parameter = parameter;
    this.reason = reason;
  }
}
