import { checkWhole, rangeError } from "../../check.js";
import type { Optimizer, StepOptions, WrapperState } from "../core/optimizer.js";
import { checkStep, NO_OPTIONS } from "../core/stepOptions.js";
import { checkSaved } from "./parameterCopy.js";
import { Wrapper } from "./wrapper.js";

/** Steps once for every k micro-batches. Made by {@link accumulate}. */
export class Accumulate<H extends object = object, S extends object = object> extends Wrapper<H, S> {
  /** Micro-batches of one step. */
  readonly k: number;
  #count = 0;
  readonly #options: { gradScale: number; clipNorm?: number; zeroGrad: boolean } = { gradScale: 1, zeroGrad: false };
  readonly #clipped: { gradScale: number; clipNorm: number; zeroGrad: boolean } = {
    gradScale: 1,
    clipNorm: 1,
    zeroGrad: false,
  };

  /** @internal */
  constructor(inner: Optimizer<H, S>, k: number) {
    super("accumulate", inner);
    checkWhole("k", k);
    if (inner.needsClosure) {
      throw rangeError("opt", "an optimizer that steps on given gradients", `${inner.name}, which needs a closure`);
    }
    this.k = k;
  }

  /** Micro-batches whose gradients wait for a step: 0 after a step. */
  get pending(): number {
    return this.#count;
  }

  /** @internal */
  takeStep(closure?: () => number, o: StepOptions = NO_OPTIONS): number | undefined {
    this.alive();
    checkStep(this.name, false, closure, o);
    const loss = closure?.();
    this.#count++;
    if (this.#count === this.k) {
      try {
        this.#take(o);
      } catch (error) {
        this.#count--;
        throw error;
      }
    }
    return loss;
  }

  /** Takes the step with the mean of the micro-batches so far; does nothing if there are none. Returns whether it stepped. */
  flush(o: StepOptions = NO_OPTIONS): boolean {
    this.alive();
    this.checkIdle();
    checkStep(this.name, false, undefined, o);
    if (this.#count === 0) return false;
    this.#take(o);
    return true;
  }

  /** Sets every gradient to zero, but not between the micro-batches of one step, where gradients hold their sum. */
  override zeroGrad(): void {
    this.alive();
    if (this.#count === 0) this.inner.zeroGrad();
  }

  #take({ gradScale = 1, clipNorm, zeroGrad = false }: StepOptions): void {
    const options = clipNorm === undefined ? this.#options : this.#clipped;
    options.gradScale = gradScale / this.#count;
    options.zeroGrad = zeroGrad;
    if (clipNorm !== undefined) options.clipNorm = clipNorm;
    this.inner.takeStep(undefined, options);
    this.#count = 0;
  }

  /** Accumulated gradients are state, so that a run resumes between two micro-batches with the same bits. */
  protected override own(): Record<string, unknown> {
    const grads = this.#count === 0 ? [] : this.params().map((p) => (p.hasGradient ? p.grad.slice() : null));
    return { k: this.k, count: this.#count, grads };
  }
  protected override checkedOwn({ k, count, grads }: WrapperState): () => (accepted: boolean) => void {
    if (k !== this.k) throw rangeError("state.k", String(this.k), k);
    checkWhole("state.count", count, 0);
    if ((count as number) >= this.k) throw rangeError("state.count", `a whole number < ${this.k}`, count);
    if (count === 0) {
      return () => (accepted) => {
        if (accepted) this.#count = 0;
      };
    }
    const params = this.params();
    const made = Array.isArray(grads) ? grads.map((grad, i) => grad ?? new Float32Array(params[i]?.size ?? 0)) : grads;
    checkSaved("state.grads", made, params);
    return () => {
      for (const [i, p] of params.entries()) if ((grads as unknown[])[i] !== null) void p.grad; // allocates, before anything changes
      return (accepted) => {
        if (!accepted) return;
        for (const [i, p] of params.entries()) if (p.hasGradient) p.grad.set(made[i]);
        this.#count = count as number;
      };
    };
  }
}

/**
 * Gradient accumulation: a step for every k micro-batches, with the mean of their gradients.
 *
 * ```
 * g = (g₁ + … + g_k) / k
 * ```
 * Call `step` after the backward pass of each micro-batch, as if it were a batch: every k-th call takes the step, the
 * others wait, and `opt.pending` counts them. `backward` adds to gradients, and `zeroGrad` (the method and the option)
 * leaves them alone between the micro-batches of one step. Call `flush` for a last step of fewer micro-batches. `stepCount`
 * and schedules count the steps taken.
 *
 * @param opt an optimizer that steps on given gradients; from now on used by the wrapper alone
 * @param k micro-batches of one step, at least 1
 * @throws RangeError for k < 1 or an optimizer that needs a closure
 * @example
 * const opt = accumulate(sgd(model.parameters(), { lr: 0.1 }), 4);
 */
export function accumulate<H extends object, S extends object>(opt: Optimizer<H, S>, k: number): Accumulate<H, S> {
  return new Accumulate(opt, k);
}
