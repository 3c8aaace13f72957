import { checkBoolean, checkKeys, checkNonNegative, rangeError, typeError } from "../../check.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Optimizer, ParamGroup, StepOptions, WrapperState } from "../core/optimizer.js";
import { checkStep, NO_OPTIONS } from "../core/stepOptions.js";
import { squares } from "../gradients/clip.js";
import { moves } from "../gradients/params.js";
import { Accumulate } from "./accumulate.js";
import { ParameterCopy } from "./parameterCopy.js";
import { Wrapper } from "./wrapper.js";

/** How far {@link sam} climbs. */
export interface SamOptions {
  /** The distance of the climb in the space of parameters. Default 0.05. */
  rho?: number;
  /** Measure distance relative to the size of each weight (ASAM; then a rho of 0.5 to 2 is usual). Default false. */
  adaptive?: boolean;
}

/** Keeps the direction from dividing by 0, as in the authors' code. */
const EPS = 1e-12;

/** Sharpness-aware minimisation. Made by {@link sam}. */
export class Sam<H extends object = object, S extends object = object> extends Wrapper<H, S> {
  readonly rho: number;
  readonly adaptive: boolean;
  /** The parameters before the climb; allocated at the first step. */
  #home: ParameterCopy | undefined;

  /** @internal */
  constructor(inner: Optimizer<H, S>, { rho = 0.05, adaptive = false }: SamOptions) {
    super("sam", inner);
    checkNonNegative("rho", rho);
    checkBoolean("adaptive", adaptive);
    if (inner.needsClosure) {
      throw rangeError("opt", "an optimizer that steps on given gradients", `${inner.name}, which needs a closure`);
    }
    for (let opt: unknown = inner; opt instanceof Wrapper; opt = opt.inner) {
      if (opt instanceof Accumulate) throw rangeError("opt", "an optimizer that steps at every call", "accumulate()");
    }
    this.rho = rho;
    this.adaptive = adaptive;
  }

  override get needsClosure(): boolean {
    return true;
  }

  /** @internal */
  takeStep(closure?: () => number, o: StepOptions = NO_OPTIONS): number | undefined {
    this.alive();
    checkStep(this.name, true, closure, o);
    const loss = closure!();
    this.#home ??= new ParameterCopy(this.params(), "an optimizer");
    const home = this.#home;
    home.pull();
    const scale = this.rho / (this.#norm(home) + EPS);
    home.take();
    try {
      this.#climb(scale);
      home.push();
      closure!();
    } finally {
      home.give();
    }
    this.inner.takeStep(undefined, o);
    return loss;
  }

  override checkedGroup(group: ParamGroup<H>): () => void {
    const add = super.checkedGroup(group);
    return () => {
      add();
      this.release();
    };
  }

  /** The norm of the gradient over all groups; adaptive: of |θ| g, computed in `home`, which is not in use yet. */
  #norm(home: ParameterCopy): number {
    let total = 0;
    // By index, for the reason in RuleOptimizer.step.
    for (let i = 0; i < home.params.length; i++) {
      const p = home.params[i];
      if (!moves(p)) continue;
      const { engine, place, gradient: g } = p;
      if (p.attached) p.pull();
      const held = home.tensors[i];
      if (this.adaptive) extraKernels(engine).multiply(place.length, p.ref, g.ref, held.ref);
      total += squares(this.adaptive ? held : g);
    }
    return Math.sqrt(total);
  }

  /** θ = θ + scale g (adaptive: θ² g), with the opposite sign for a group that maximizes. */
  #climb(scale: number): void {
    for (const group of this.groups) {
      const s = group.maximize ? -scale : scale;
      for (const p of group.params) {
        if (!moves(p)) continue;
        const { axpy } = p.engine.kernels;
        const { axpySquare } = extraKernels(p.engine);
        if (this.adaptive) axpySquare(p.place.length, p.gradient.ref, p.ref, s);
        else axpy(p.place.length, p.gradient.ref, p.ref, s);
      }
    }
  }

  protected override own(): Record<string, unknown> {
    return { rho: this.rho, adaptive: this.adaptive };
  }
  protected override checkedOwn({ rho, adaptive }: WrapperState): () => (accepted: boolean) => void {
    if (rho !== this.rho) throw rangeError("state.rho", String(this.rho), rho);
    if (adaptive !== this.adaptive) throw rangeError("state.adaptive", String(this.adaptive), adaptive);
    return () => () => {};
  }
  protected override release(): void {
    this.#home?.dispose();
    this.#home = undefined;
  }
}

/**
 * Sharpness-aware minimisation: steps with the gradient of a nearby point where the loss is about the highest.
 *
 * ```
 * ε = ρ g / (‖g‖ + 1e-12)                      adaptive: ρ θ² g / (‖|θ| g‖ + 1e-12), element by element
 * θ = the inner optimizer's step from θ, with ∇f(θ + ε)
 * ```
 * The norm is over all groups. `step` needs a closure, calls it twice, and returns the first loss. Before the inner step,
 * and also if the closure throws, the parameters return to θ exactly. clipNorm and onNonFinite apply to the second gradient.
 *
 * Foret et al., Sharpness-aware minimization for efficiently improving generalization, ICLR 2021, algorithm 1; Kwon et
 * al., ASAM, ICML 2021, for `adaptive`.
 *
 * @param opt an optimizer that steps on given gradients; from now on used by the wrapper alone
 * @throws RangeError for a negative rho and an optimizer that needs a closure or accumulates; `step` throws a TypeError
 *   without a closure
 * @example
 * const opt = sam(sgd(model.parameters(), { lr: 0.1, momentum: 0.9 }), { rho: 0.05 });
 * opt.step(() => {
 *   opt.zeroGrad();
 *   const loss = mse(model.forward(x), y);
 *   model.backward(loss.grad);
 *   return loss.value;
 * });
 */
export function sam<H extends object, S extends object>(opt: Optimizer<H, S>, options: SamOptions = {}): Sam<H, S> {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("sam", options, ["rho", "adaptive"]);
  return new Sam(opt, options);
}
