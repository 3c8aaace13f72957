import { checkBoolean, checkNonNegative, checkNumber, rangeError } from "../../check.js";
import { exponent, pow2 } from "../../math/f32.js";
import type { Member, Operands, StepContext } from "../core/rule.js";
import { alongSelf } from "./totals.js";

/**
 * `gradUnit`: the power of two that brings a norm near 1. The loop multiplies the gradient by it before it multiplies by
 * what is left of a ratio, because κ ‖θ‖ / ‖g‖ alone overflows f32, or loses digits, where gradients are next to the ends
 * of f32. A product with a power of two is exact. 1 for a norm of 0 or NaN.
 */
export const unitOf = (norm: number): number =>
  norm > 0 ? pow2(-exponent(Math.min(Math.max(norm, 2 ** -126), 2 ** 126))) : 1;

/** ‖g‖ of one tensor, with g the gradient times gradScale. */
export const gradNorm = <H, S>({ ops, gradScale }: StepContext<H, S>, { g }: Member): number =>
  Math.abs(gradScale) * ops.norm(g);

/** A quotient of norms, 1 where one of them is 0 or NaN. */
export const trustRatio = (paramNorm: number, stepNorm: number, ratio: number): number =>
  paramNorm > 0 && stepNorm > 0 ? ratio : 1;

/** A member without its slots, for a kernel that takes none. */
export const bare = ({ p, g }: Member): Operands => ({ p, g, slots: {} });

/** Hyperparameters that {@link checkLayerwise} checks: those of SGD with a ratio for each tensor. */
interface LayerwiseHyper {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  trustCoefficient: number;
  eps: number;
  normAfterDecay: boolean;
  layerAdaptation: boolean;
}

export function checkLayerwise(h: LayerwiseHyper): void {
  checkNonNegative("lr", h.lr);
  checkNonNegative("momentum", h.momentum);
  checkNumber("dampening", h.dampening, "a finite number", () => true);
  checkNonNegative("weightDecay", h.weightDecay);
  checkBoolean("nesterov", h.nesterov);
  if (h.nesterov && h.momentum === 0) throw rangeError("nesterov", "a momentum above 0 with it", h.momentum);
  if (h.nesterov && h.dampening !== 0) throw rangeError("nesterov", "a dampening of 0 with it", h.dampening);
  checkNonNegative("trustCoefficient", h.trustCoefficient);
  checkNonNegative("eps", h.eps);
  checkBoolean("normAfterDecay", h.normAfterDecay);
  checkBoolean("layerAdaptation", h.layerAdaptation);
}

/** κ ‖θ‖ / (‖g‖ + λ‖θ‖ + ε) of one tensor; with `normAfterDecay` κ ‖θ‖ / (‖g + λθ‖ + ε). 1 where a norm is 0. */
export function layerRatio<S>(c: StepContext<LayerwiseHyper, S>, m: Member, norm: number): number {
  const { trustCoefficient, weightDecay, eps, normAfterDecay } = c.hyper;
  const paramNorm = c.ops.norm(m.p);
  // A sum of products may come out below 0 where gradient and decay cancel.
  const after = normAfterDecay && weightDecay !== 0 ? Math.sqrt(Math.max(alongSelf(c, m, weightDecay), 0)) : norm;
  const denom = normAfterDecay ? after : norm + weightDecay * paramNorm;
  return trustRatio(paramNorm, normAfterDecay ? after : norm, (trustCoefficient * paramNorm) / (denom + eps));
}
