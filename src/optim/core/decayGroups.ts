import { checkNonNegative, rangeError, typeError } from "../../check.js";
import { Tensor } from "../../engine/tensor.js";
import type { Schedule } from "../../schedule/schedule.js";

// In core/ because it makes the groups that every optimizer takes; nothing else in core/ needs it.

/** Which parameters decay, or have a ratio, by name and tensor. */
export type DecayMask = (name: string, tensor: Tensor) => boolean;

/** True for weights, which have two dimensions or more; biases and the scales of norms have one. */
const weights: DecayMask = (_, { shape }) => shape.length >= 2;

/**
 * Parameter groups for weight decay on weights alone: the parameters for which `decays` is true get `weightDecay`, the
 * others none. Biases and the scales and shifts of norms are better left undecayed: by default, every tensor of one
 * dimension is. An empty group is left out.
 *
 * @param named pairs of a name and a tensor, as `model.namedParameters()` gives
 * @param weightDecay a number ≥ 0 or a schedule; L2 or decoupled, as in the optimizer
 * @returns groups for any optimizer with a weightDecay, the decayed one first
 * @throws TypeError or RangeError for anything but a list of pairs, a decay below 0, or a mask that returns no boolean
 * @example
 * const opt = adamw(decayGroups(model.namedParameters(), 0.1), { lr: 1e-3 });
 */
export function decayGroups(
  named: readonly (readonly [string, Tensor])[],
  weightDecay: number | Schedule,
  decays: DecayMask = weights,
): { params: Tensor[]; weightDecay: number | Schedule }[] {
  if (typeof weightDecay !== "function") checkNonNegative("weightDecay", weightDecay);
  const [decayed, others] = byName("decays", named, decays);
  const groups = [
    { params: decayed, weightDecay },
    { params: others, weightDecay: 0 },
  ];
  return groups.filter(({ params }) => params.length > 0);
}

/**
 * Parameter groups for optimizers that scale the step of each tensor by its norm (`lars`, `larc`, `lamb`): the parameters
 * for which `adapts` is true get `weightDecay` and the ratio, the others neither. By default the others are tensors of one
 * dimension: a bias that starts at zero has no norm to scale by. They take the optimizer's plain step, SGD's or AdamW's, at
 * the same lr; where that is above what SGD bears, as LARS's is, give their group one of its own. An empty group is left
 * out.
 *
 * You, Gitman & Ginsburg 2017 leave biases at lr; Google's LAMB excludes biases and norms from both, as
 * `exclude_from_layer_adaptation` in TensorFlow and `trust_ratio_mask` in Optax do.
 *
 * @param named pairs of a name and a tensor, as `model.namedParameters()` gives
 * @param weightDecay a number ≥ 0 or a schedule
 * @returns groups for one of these optimizers, the one with the ratio first
 * @throws TypeError or RangeError for anything but a list of pairs, a decay below 0, or a mask that returns no boolean
 * @example
 * const [weights, vectors] = layerGroups(model.namedParameters(), 1e-4);
 * const opt = lars([weights, { ...vectors, lr: 0.5 }], { lr: 10 });
 */
export function layerGroups(
  named: readonly (readonly [string, Tensor])[],
  weightDecay: number | Schedule,
  adapts: DecayMask = weights,
): { params: Tensor[]; weightDecay: number | Schedule; layerAdaptation: boolean }[] {
  if (typeof weightDecay !== "function") checkNonNegative("weightDecay", weightDecay);
  const [adapted, others] = byName("adapts", named, adapts);
  const groups = [
    { params: adapted, weightDecay, layerAdaptation: true },
    { params: others, weightDecay: 0, layerAdaptation: false },
  ];
  return groups.filter(({ params }) => params.length > 0);
}

/** The tensors for which a mask is true, and the others. Refuses anything but a list of pairs, and a mask that returns no boolean. */
export function byName(
  mask: string,
  named: readonly (readonly [string, Tensor])[],
  holds: DecayMask,
): [true: Tensor[], false: Tensor[]] {
  if (!Array.isArray(named)) throw typeError("named", "an array of [name, tensor]", named);
  if (named.length === 0) throw rangeError("named", "at least one parameter", named);
  if (typeof holds !== "function") throw typeError(mask, "a function of name and tensor", holds);
  const kept: Tensor[] = [];
  const others: Tensor[] = [];
  for (const [i, pair] of named.entries()) {
    if (!Array.isArray(pair)) throw typeError(`named[${i}]`, "[name, tensor]", pair);
    const [name, tensor] = pair as [string, Tensor];
    if (typeof name !== "string") throw typeError(`named[${i}][0]`, "a name", name);
    if (!(tensor instanceof Tensor)) throw typeError(`named[${i}][1]`, "a tensor", tensor);
    const yes: unknown = holds(name, tensor);
    if (typeof yes !== "boolean") throw typeError(`${mask}("${name}")`, "true or false", yes);
    (yes ? kept : others).push(tensor);
  }
  return [kept, others];
}
