import { argumentError, rangeError, show, typeError } from "../../check.js";
import { checkTensor, Tensor } from "../../engine/tensor.js";
import type { Common } from "../core/hyperparameters.js";
import type { ParamGroup } from "../core/optimizer.js";
import type { Rule, Scheduled } from "../core/rule.js";
import { type OptimizerFactory, RuleOptimizer } from "../core/ruleOptimizer.js";
import { squares } from "../gradients/clip.js";

/** What a rule that keeps an average of the Hessian's diagonal has among its hyperparameters. */
interface Averaging {
  betas: readonly [number, number];
}

/** An optimizer that is given the diagonal of the Hessian every few steps: `sophiaH`, `sophiaG`. */
export class HessianOptimizer<H extends Averaging = Averaging, S extends object = object> extends RuleOptimizer<H, S> {
  /** Whether the diagonal is that of the function which the groups maximize or minimize, and so changes its sign with it. */
  readonly #signed: boolean;

  /** @internal */
  constructor(
    rule: Rule<H, S>,
    params: readonly Tensor[] | readonly ParamGroup<H>[],
    hyper: Partial<Scheduled<H> & Common>,
    signed: boolean,
  ) {
    super(rule, params, hyper);
    this.#signed = signed;
  }

  /**
   * Takes an estimate ĥ of the diagonal of the Hessian into its average h = β₂h + (1 - β₂) ĥ, which the steps from now on
   * divide by. Without any, h is 0, and every element whose average gradient is not 0 moves by the full step.
   *
   * @param params parameters of this optimizer, such as `model.parameters()`. Frozen ones, and those left out, keep their h
   * @param diagonals a tensor of the shape of each, such as {@link hutchinson} and {@link gaussNewtonBartlett} return
   * @returns whether it was taken: false if a number is not finite and the parameter's group has `onNonFinite: "skip"`
   * @throws TypeError or RangeError for other tensors, and RangeError for a number that is not finite, or when memory runs
   *   out; nothing has changed then
   * @example
   * const opt = sophiaG(model.parameters(), { lr: 0.01 });
   * if (opt.stepCount % 10 === 0) opt.updateHessian(model.parameters(), gaussNewtonBartlett(model, { x }));
   */
  updateHessian(params: readonly Tensor[], diagonals: readonly Tensor[]): boolean {
    this.checkUsable();
    this.#check(params, diagonals);
    for (const [i, p] of params.entries()) {
      if (!p.requiresGrad || Number.isFinite(squares(diagonals[i]))) continue;
      if (this.#groupOf(p)!.onNonFinite === "skip") return false;
      const { data } = diagonals[i];
      const at = data.findIndex((x) => !Number.isFinite(x));
      throw argumentError(`diagonals[${i}]`, `expected finite numbers, got ${data[at]} at element ${at}`);
    }
    const isNew = (p: Tensor) => p.requiresGrad && this.state(p).hessian === undefined;
    if (params.some(isNew)) this.makeSlots();
    const { axpy, scale } = this.engine.kernels;
    for (const [i, p] of params.entries()) {
      if (!p.requiresGrad) continue;
      const { place, ref } = this.state(p).hessian;
      const { betas, maximize } = this.#groupOf(p)!;
      scale(place.length, ref, betas[1]);
      axpy(place.length, diagonals[i].ref, ref, maximize && this.#signed ? betas[1] - 1 : 1 - betas[1]);
    }
    return true;
  }

  #groupOf(p: Tensor): (Averaging & Common) | undefined {
    return this.groups.find(({ params }) => params.includes(p)) as (Averaging & Common) | undefined;
  }

  #check(params: unknown, diagonals: unknown): void {
    if (!Array.isArray(params)) throw typeError("params", "an array of parameters", params);
    if (params.length === 0) throw rangeError("params", "at least one parameter", params);
    if (!Array.isArray(diagonals)) throw typeError("diagonals", "an array of tensors", diagonals);
    if (diagonals.length !== params.length)
      throw rangeError("diagonals", `${params.length} tensors, one for each of params`, diagonals);
    params.forEach((p: unknown, i) => {
      if (!(p instanceof Tensor)) throw typeError(`params[${i}]`, "a tensor", p);
      if (this.#groupOf(p) === undefined || params.indexOf(p) !== i)
        throw rangeError(`params[${i}]`, "a parameter of this optimizer, given once", "another tensor");
      p.alive(`params[${i}]`);
      const diagonal: unknown = diagonals[i];
      checkTensor(`diagonals[${i}]`, diagonal, this.engine);
      const same = diagonal.shape.length === p.shape.length && diagonal.shape.every((d, k) => d === p.shape[k]);
      if (!same) throw rangeError(`diagonals[${i}]`, `shape ${show(p.shape)}, as the parameter`, diagonal.shape);
    });
  }
}

/** A factory of optimizers that are given the Hessian's diagonal. */
export interface HessianFactory<H extends Averaging, S extends object> extends OptimizerFactory<H, S> {
  (
    params: readonly Tensor[] | readonly ParamGroup<H>[],
    hyper?: Partial<Scheduled<H> & Common>,
  ): HessianOptimizer<H, S>;
}

/**
 * The factory of a rule that keeps, in the slot `hessian`, an average of the Hessian's diagonal. `signed`: in a group that
 * maximizes, the negated one.
 */
export function hessianOptimizer<H extends Averaging, S extends object>(
  signed: boolean,
  rule: Rule<H, S>,
): HessianFactory<H, S> {
  return Object.assign(
    (params: readonly Tensor[] | readonly ParamGroup<H>[], hyper: Partial<Scheduled<H> & Common> = {}) =>
      new HessianOptimizer(rule, params, hyper, signed),
    { rule },
  );
}
