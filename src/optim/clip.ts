import { checkPositive, rangeError, typeError } from "../check.js";
import { Tensor } from "../engine/tensor.js";

/** What keeps clipping from dividing by 0, as in PyTorch. */
const EPS = 1e-6;

/** The factor that brings a norm down to `maxNorm`; 1 when it is there already. */
export function clipFactor(norm: number, maxNorm: number): number {
  const factor = maxNorm / (norm + EPS);
  return factor < 1 || Number.isNaN(factor) ? factor : 1;
}

/** The sum of the squares of a gradient, in f64; an attached one must have been pulled in. */
export const squares = (g: Tensor): number => g.engine.kernels.dot(g.size, g.ref, g.ref);

/**
 * Clips gradients by their global norm, in place: all are scaled by maxNorm / (norm + 1e-6) where that is below 1.
 * `opt.step(closure, { clipNorm })` does the same in fewer passes. Parameters without a gradient are passed over.
 *
 * @returns the norm before clipping
 * @throws RangeError unless maxNorm is a number above 0
 * @example
 * const norm = clipGradNorm(model.parameters(), 1);
 */
export function clipGradNorm(params: readonly Tensor[], maxNorm: number): number {
  checkPositive("maxNorm", maxNorm);
  if (!Array.isArray(params)) throw typeError("params", "an array of tensors", params);
  if (params.length === 0) throw rangeError("params", "at least one tensor", params);
  params.forEach((tensor, i) => {
    if (!(tensor instanceof Tensor)) throw typeError(`params[${i}]`, "a tensor", tensor);
    tensor.alive(`params[${i}]`);
  });
  const ready = params.filter((tensor) => tensor.hasGradient);
  for (const tensor of ready) tensor.pull();
  const norm = Math.sqrt(ready.reduce((total, tensor) => total + squares(tensor.gradient), 0));
  const factor = clipFactor(norm, maxNorm);
  if (factor !== 1) {
    for (const tensor of ready) {
      const g = tensor.gradient;
      g.engine.kernels.scale(g.place.length, g.ref, factor);
      tensor.pushGrad();
    }
  }
  return norm;
}
