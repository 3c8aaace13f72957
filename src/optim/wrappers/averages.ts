/// <reference path="../../host/disposable.d.ts" preserve="true" />
import { checkBoolean, checkKeys, checkNumber, checkRate, checkWhole, rangeError, typeError } from "../../check.js";
import type { Tensor } from "../../engine/tensor.js";
import { checkTensors } from "../gradients/params.js";
import { checkSaved, ParameterCopy } from "./parameterCopy.js";

/** The state of an average as plain data. */
export interface AverageState {
  average: "ema" | "swa";
  /** Calls of `update`. */
  updates: number;
  /** Points in the average. */
  averaged: number;
  /** d^t, for the bias correction. */
  power: number;
  /** Whether the averages and the parameters were exchanged. */
  swapped: boolean;
  params: Float32Array[];
}

/** The weight of the next point in the average; undefined if it does not count. `power` is d^t before it. */
type Weight = (update: number, averaged: number, power: number) => number | undefined;

/**
 * An average of parameters over training, in memory of its own. Made by {@link ema} and {@link swa}. `swapIn` exchanges the
 * averages and the parameters, so that the model runs with the averages; `swapOut` exchanges them back.
 */
export class WeightAverage {
  readonly #kind: "ema" | "swa";
  readonly #decay: number;
  readonly #weight: Weight;
  readonly #copy: ParameterCopy;
  #updates = 0;
  #averaged = 0;
  #power = 1;
  #swapped = false;
  #disposed = false;

  /** @internal */
  constructor(kind: "ema" | "swa", params: readonly Tensor[], decay: number, weight: Weight) {
    const list = [...checkTensors(params)];
    const [{ engine }] = list as [Tensor];
    for (const [i, tensor] of list.entries()) {
      if (tensor.engine !== engine) {
        throw new TypeError(`params[${i}]: expected a tensor of the same engine as the others, got another engine's`);
      }
      if (list.indexOf(tensor) !== i)
        throw new RangeError(`params[${i}]: expected each tensor once, got one for the second time`);
    }
    this.#kind = kind;
    this.#decay = decay;
    this.#weight = weight;
    this.#copy = new ParameterCopy(list, "an average");
  }

  /** Calls of `update` so far. */
  get updates(): number {
    return this.#updates;
  }
  /** Whether the parameters are the averages now. */
  get swapped(): boolean {
    return this.#swapped;
  }

  /** Adds the parameters to the average, after a step; returns whether they counted (see `swa`). One pass over memory. */
  update(): boolean {
    this.#alive();
    if (this.#swapped)
      throw new Error(`${this.#kind}: expected swapOut() before update(), the parameters are the averages`);
    const w = this.#weight(this.#updates, this.#averaged, this.#power);
    if (w === 1) this.#copy.take();
    else if (w !== undefined) this.#copy.approach(w);
    this.#updates++;
    if (w === undefined) return false;
    this.#averaged++;
    this.#power *= this.#decay;
    return true;
  }

  /** Puts the averages into the parameters, for evaluation, and keeps the parameters. Idempotent. */
  swapIn(): void {
    this.#exchange(true);
  }
  /** Puts the parameters back. Idempotent. */
  swapOut(): void {
    this.#exchange(false);
  }

  /** The average of a parameter, as a live tensor that this object owns. */
  average(param: Tensor): Tensor {
    this.#alive();
    const i = this.#copy.params.indexOf(param);
    if (i < 0) throw new RangeError("param: expected a parameter of this average, got another tensor");
    this.#follow();
    return this.#swapped ? param : this.#copy.tensors[i];
  }

  /** Everything a later run needs to resume with the same bits. */
  stateDict(): AverageState {
    this.#alive();
    return {
      average: this.#kind,
      updates: this.#updates,
      averaged: this.#averaged,
      power: this.#power,
      swapped: this.#swapped,
      params: this.#copy.saved(),
    };
  }

  /**
   * Restores what {@link stateDict} returned. State saved between swapIn and swapOut expects the averages in the parameters.
   * @throws RangeError or TypeError for the state of another kind of average or of other shapes; nothing has changed then
   */
  loadStateDict(saved: AverageState): void {
    this.#alive();
    if (typeof saved !== "object" || saved === null) throw typeError("state", "what stateDict() returned", saved);
    if (saved.average !== this.#kind) throw rangeError("state.average", `"${this.#kind}"`, saved.average);
    checkWhole("state.updates", saved.updates, 0);
    checkWhole("state.averaged", saved.averaged, 0);
    checkNumber("state.power", saved.power, "a number in [0, 1]", (x) => x >= 0 && x <= 1);
    checkBoolean("state.swapped", saved.swapped);
    checkSaved("state.params", saved.params, this.#copy.params);
    this.#copy.load(saved.params);
    this.#updates = saved.updates;
    this.#averaged = saved.averaged;
    this.#power = saved.power;
    this.#swapped = saved.swapped;
  }

  /** Frees the averages. The parameters stay as they are: call `swapOut` first. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#copy.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #exchange(swapped: boolean): void {
    this.#alive();
    if (this.#swapped === swapped) return;
    this.#follow();
    this.#copy.swap();
    this.#swapped = swapped;
  }

  /** A mean of no points yet is the present parameters: those at the time it was made would be out of date. */
  #follow(): void {
    if (this.#kind === "swa" && this.#averaged === 0 && !this.#swapped) this.#copy.take();
  }

  #alive(): void {
    if (this.#disposed) throw new TypeError(`${this.#kind}: expected a live average, got one that has been disposed`);
    const { params } = this.#copy;
    (params[0] as Tensor).engine.checkUnused(this.#kind, params);
  }
}

/** The weights of {@link ema}. */
export interface EmaOptions {
  /** The share of the average that an update keeps. Default 0.999. */
  decay?: number;
  /** Keep less at first: min(decay, (1 + t) / (10 + t)) at update t = 1, 2 …, as with TensorFlow's num_updates. Default false. */
  warmup?: boolean;
  /** Drop the starting point: the average is the weighted mean of the points of the updates alone. Default false. */
  biasCorrection?: boolean;
}

/**
 * An exponential moving average of parameters, to evaluate with: smoother than the last iterate.
 *
 * ```
 * e = θ at first;  e = e + (1 - d) (θ - e) at each update
 * biasCorrection:  e = e + (1 - d) / (1 - d^t) (θ - e), which is the average from zero, divided by 1 - d^t
 * ```
 * PyTorch's AveragedModel with get_ema_multi_avg_fn, except that the average starts at the parameters as they are when it
 * is made (as in timm's ModelEma) and not at those of the first update; with `biasCorrection` the first update replaces it.
 *
 * Polyak & Juditsky, Acceleration of stochastic approximation by averaging, SIAM J. Control Optim. 30, 1992.
 *
 * @param params tensors of one engine
 * @throws RangeError for a decay outside [0, 1), and for warmup with biasCorrection
 * @example
 * const averages = ema(model.parameters(), { decay: 0.99 });
 * opt.step();
 * averages.update();
 * averages.swapIn(); // evaluate the model here
 * averages.swapOut();
 */
export function ema(params: readonly Tensor[], options: EmaOptions = {}): WeightAverage {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("ema", options, ["decay", "warmup", "biasCorrection"]);
  const { decay = 0.999, warmup = false, biasCorrection = false } = options;
  checkRate("decay", decay);
  checkBoolean("warmup", warmup);
  checkBoolean("biasCorrection", biasCorrection);
  if (warmup && biasCorrection)
    throw rangeError("biasCorrection", "false with warmup, which takes its place", biasCorrection);
  return new WeightAverage("ema", params, decay, (update, _, power) => {
    if (biasCorrection) return (1 - decay) / (1 - power * decay);
    return 1 - (warmup ? Math.min(decay, (2 + update) / (11 + update)) : decay);
  });
}

/** Which updates {@link swa} counts. */
export interface SwaOptions {
  /** Updates before the first one that counts. Default 0. */
  start?: number;
  /** One update in this many counts. Default 1. */
  every?: number;
}

/**
 * Stochastic weight averaging: the plain mean of the parameters at the updates that count.
 *
 * ```
 * a = θ at the first;  a = a + (θ - a) / (n + 1) at the next, n points in the mean so far
 * ```
 * Call `update` after each step, or after each epoch; `start` and `every` choose the updates that count. Before the first
 * of them, the average is the present parameters. PyTorch's AveragedModel; for the constant learning rate of its SWALR,
 * use a schedule.
 *
 * Izmailov et al., Averaging weights leads to wider optima and better generalization, UAI 2018, algorithm 1.
 *
 * @param params tensors of one engine
 * @throws RangeError for a start below 0 or an `every` below 1
 * @example
 * const averages = swa(model.parameters(), { start: 100, every: 10 });
 * opt.step();
 * averages.update(); // false: too early to count
 */
export function swa(params: readonly Tensor[], options: SwaOptions = {}): WeightAverage {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("swa", options, ["start", "every"]);
  const { start = 0, every = 1 } = options;
  checkWhole("start", start, 0);
  checkWhole("every", every);
  return new WeightAverage("swa", params, 1, (update, averaged) =>
    update >= start && (update - start) % every === 0 ? 1 / (averaged + 1) : undefined,
  );
}
