import { checkKeys, checkNonNegative, checkOneOf, checkPositive, rangeError, typeError } from "../../check.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Tensor } from "../../engine/tensor.js";
import { checkMoving } from "./params.js";

/** Keeps clipping from dividing by 0, as in PyTorch. */
export const EPS = 1e-6;

/** The factor that lowers a norm to `clipNorm`; 1 if it is not above it. */
export function clipFactor(norm: number, clipNorm: number, eps = EPS): number {
  const factor = clipNorm / (norm + eps);
  return factor < 1 || Number.isNaN(factor) ? factor : 1;
}

/** The sum of the squares of a gradient, in f64; an attached one must have been pulled. */
export const squares = (g: Tensor): number => g.engine.kernels.dot(g.size, g.ref, g.ref);

/** The norm of {@link clipGradNorm}. */
export interface ClipNormOptions {
  /** 2: Euclidean. 1: sum of magnitudes. Infinity: the largest magnitude. Default 2. */
  normType?: 1 | 2 | typeof Number.POSITIVE_INFINITY;
  /** Added to the norm before the division. Default 1e-6, as in PyTorch; 0 is Optax's clip_by_global_norm. */
  eps?: number;
  /** When the norm is NaN or infinite: "propagate" it, or "throw" and change nothing. Default "propagate". */
  onNonFinite?: "propagate" | "throw";
}

/**
 * Clips gradients by their global norm, in place: all are scaled by clipNorm / (norm + eps) where that is below 1.
 * `opt.step(closure, { clipNorm })` does the same in fewer passes. Skips parameters that are frozen or have no gradient.
 *
 * Pascanu, Mikolov & Bengio, On the difficulty of training recurrent neural networks, ICML 2013, algorithm 1.
 *
 * @returns the norm before clipping
 * @throws RangeError unless clipNorm is a number above 0, and for a norm that is not finite with `onNonFinite: "throw"`
 * @example
 * const norm = clipGradNorm(model.parameters(), 1);
 */
export function clipGradNorm(params: readonly Tensor[], clipNorm: number, options: ClipNormOptions = {}): number {
  checkPositive("clipNorm", clipNorm);
  if (typeof options !== "object" || options === null) throw typeError("options", "an object of options", options);
  checkKeys("clipGradNorm", options, ["normType", "eps", "onNonFinite"]);
  const { normType = 2, eps = EPS, onNonFinite = "propagate" } = options;
  if (typeof normType !== "number") throw typeError("normType", "1, 2 or Infinity", normType);
  if (normType !== 1 && normType !== 2 && normType !== Number.POSITIVE_INFINITY)
    throw rangeError("normType", "1, 2 or Infinity", normType);
  checkNonNegative("eps", eps);
  checkOneOf("onNonFinite", onNonFinite, ["propagate", "throw"]);
  const ready = checkMoving(params);
  for (const tensor of ready) tensor.pull();
  const norm = normOf(ready, normType);
  if (onNonFinite === "throw" && !Number.isFinite(norm)) throw rangeError("params", "gradients of a finite norm", norm);
  const factor = clipFactor(norm, clipNorm, eps);
  if (factor !== 1) {
    for (const tensor of ready) {
      const g = tensor.gradient;
      g.engine.kernels.scale(g.place.length, g.ref, factor);
      tensor.pushGrad();
    }
  }
  return norm;
}

function normOf(ready: readonly Tensor[], normType: number): number {
  if (normType === 2) return Math.sqrt(ready.reduce((total, { gradient }) => total + squares(gradient), 0));
  if (normType === 1) {
    return ready.reduce((total, { gradient: g }) => total + g.engine.kernels.sumAbs(g.size, g.ref), 0);
  }
  return ready.reduce((most, { gradient: g }) => Math.max(most, g.engine.kernels.maxAbs(g.size, g.ref)), 0);
}

/**
 * Clips every element of the gradients to [-clipValue, clipValue], in place; NaN stays. Skips parameters that are frozen or
 * have no gradient. PyTorch's clip_grad_value_.
 *
 * @param clipValue the largest magnitude allowed
 * @throws RangeError unless clipValue is a number above 0
 * @example
 * clipGradValue(model.parameters(), 0.5);
 */
export function clipGradValue(params: readonly Tensor[], clipValue: number): void {
  checkPositive("clipValue", clipValue);
  for (const tensor of checkMoving(params)) {
    tensor.pull();
    const g = tensor.gradient;
    extraKernels(g.engine).clamp(g.place.length, g.ref, clipValue);
    tensor.pushGrad();
  }
}
