import { checkKeys, checkNumber, checkWhole, rangeError, typeError } from "../../check.js";
import type { Optimizer, ParamGroup, StepOptions, WrapperState } from "../core/optimizer.js";
import { checkSaved, ParameterCopy } from "./parameterCopy.js";
import { Wrapper } from "./wrapper.js";

/** How often and how far the slow weights of {@link lookahead} move. */
export interface LookaheadOptions {
  /** Fast steps for each slow one. Default 5. */
  k?: number;
  /** The share of the way to the fast weights that the slow ones move. Default 0.5. */
  alpha?: number;
}

/** Slow weights that follow the fast ones of another optimizer. Made by {@link lookahead}. */
export class Lookahead<H extends object = object, S extends object = object> extends Wrapper<H, S> {
  readonly k: number;
  readonly alpha: number;
  /** Fast steps since the last slow one. */
  #fast = 0;
  #slow: ParameterCopy | undefined;

  /** @internal */
  constructor(inner: Optimizer<H, S>, { k = 5, alpha = 0.5 }: LookaheadOptions) {
    super("lookahead", inner);
    checkWhole("k", k);
    checkNumber("alpha", alpha, "a number in (0, 1]", (x) => x > 0 && x <= 1);
    this.k = k;
    this.alpha = alpha;
  }

  override get stateBytes(): number {
    return this.inner.stateBytes + (this.#slow?.bytes ?? 0);
  }

  /** @internal */
  takeStep(closure?: () => number, o?: StepOptions): number | undefined {
    this.alive();
    const fresh = this.#slow === undefined;
    this.#slow ??= new ParameterCopy(this.params(), "an optimizer");
    const before = this.stepCount;
    let loss: number | undefined;
    try {
      loss = this.inner.takeStep(closure, o);
    } catch (error) {
      if (fresh) this.release(); // nothing has changed
      throw error;
    }
    if (this.stepCount === before) return loss; // skipped, or still accumulating
    this.#fast++;
    if (this.#fast < this.k) return loss;
    this.#slow.approach(this.alpha);
    this.#slow.give();
    this.#fast = 0;
    return loss;
  }

  /** Adds parameters. If slow weights exist (the first step makes them), those of the new parameters start at them. */
  override checkedGroup(group: ParamGroup<H>): () => void {
    const add = super.checkedGroup(group);
    const held = this.#slow;
    if (held === undefined) return add;
    return () => {
      const slow = new ParameterCopy([...held.params, ...group.params], "an optimizer");
      try {
        add(); // a wrapper inside this one allocates too
      } catch (error) {
        slow.dispose();
        throw error;
      }
      slow.load(held.saved());
      held.dispose();
      this.#slow = slow;
    };
  }

  protected override own(): Record<string, unknown> {
    return { k: this.k, alpha: this.alpha, fast: this.#fast, slow: this.#slow?.saved() ?? [] };
  }
  protected override checkedOwn({ k, alpha, fast, slow }: WrapperState): () => (accepted: boolean) => void {
    if (k !== this.k) throw rangeError("state.k", String(this.k), k);
    if (alpha !== this.alpha) throw rangeError("state.alpha", String(this.alpha), alpha);
    checkWhole("state.fast", fast, 0);
    if ((fast as number) >= this.k) throw rangeError("state.fast", `a whole number < ${this.k}`, fast);
    const none = Array.isArray(slow) && slow.length === 0;
    if (!none) checkSaved("state.slow", slow, this.params());
    return () => {
      const made = none ? undefined : (this.#slow ?? new ParameterCopy(this.params(), "an optimizer"));
      return (accepted) => {
        if (!accepted) {
          if (made !== this.#slow) made?.dispose();
          return;
        }
        if (none) this.release();
        this.#slow = made;
        made?.load(slow as Float32Array[]);
        this.#fast = fast as number;
      };
    };
  }
  protected override release(): void {
    this.#slow?.dispose();
    this.#slow = undefined;
  }
}

/**
 * Lookahead: k steps of another optimizer forward, then a share of the way back.
 *
 * ```
 * φ = φ + α (θ - φ), θ = φ         after every k steps of the inner optimizer on θ
 * ```
 * φ, the slow weights, start at the parameters of the first step. The state of the inner optimizer stays as it is. A step
 * that the inner one skips does not count.
 *
 * Zhang et al., Lookahead optimizer: k steps forward, 1 step back, NeurIPS 2019, algorithm 1, with its defaults.
 *
 * @param opt any optimizer; from now on used by the wrapper alone
 * @throws RangeError for k < 1 and for alpha outside (0, 1]
 * @example
 * const opt = lookahead(adam(model.parameters(), { lr: 1e-3 }), { k: 5, alpha: 0.5 });
 */
export function lookahead<H extends object, S extends object>(
  opt: Optimizer<H, S>,
  options: LookaheadOptions = {},
): Lookahead<H, S> {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("lookahead", options, ["k", "alpha"]);
  return new Lookahead(opt, options);
}
