import { checkNonNegative, rangeError, typeError } from "../../check.js";
import { Tensor } from "../../engine/tensor.js";
import type { Schedule } from "../../schedule/schedule.js";

// In core/ because it makes the groups that every optimizer takes; nothing else in core/ needs it.

/** Which parameters decay, by name and tensor. */
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
  if (typeof decays !== "function") throw typeError("decays", "a function of name and tensor", decays);
  const [decayed, others] = byName("decays", named, decays);
  const groups = [
    { params: decayed, weightDecay },
    { params: others, weightDecay: 0 },
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
