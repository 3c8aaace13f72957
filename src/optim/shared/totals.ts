import type { Tensor } from "../../engine/tensor.js";
import type { Member, StepContext } from "../core/rule.js";

/**
 * Sums a number of each tensor over all groups, in order, so that the result does not depend on how tensors are
 * grouped. Skips numbers that are not finite: a NaN in the gradient of one tensor ruins that tensor then, and not the
 * scalar that all steps depend on.
 */
export function total<H extends object, S extends object>(
  groups: readonly StepContext<H, S>[],
  of: (c: StepContext<H, S>, m: Member) => number,
): number {
  let sum = 0;
  for (const c of groups) {
    for (const m of c.tensors) {
      const part = of(c, m);
      if (Number.isFinite(part)) sum += part;
    }
  }
  return sum;
}

/** Whether all gradients so far were zero: whether the sums s of all tensors are. */
export function allZero<H extends object, S extends object>(groups: readonly StepContext<H, S>[]): boolean {
  return groups.every(({ ops, tensors }) => tensors.every(({ slots }) => ops.sumAbs(slots.s) === 0));
}

/** ⟨g + λθ, x⟩ of one tensor, with g the gradient times gradScale and λ = `l2`. */
export function along<H, S>({ ops, gradScale }: StepContext<H, S>, { p, g }: Member, l2: number, x: Tensor): number {
  return gradScale * ops.dot(g, x) + (l2 === 0 ? 0 : l2 * ops.dot(p, x));
}

/** ‖g + λθ‖² of one tensor, with the same g and λ. */
export function alongSelf<H, S>(c: StepContext<H, S>, m: Member, l2: number): number {
  const own = c.gradScale * along(c, m, l2, m.g);
  return l2 === 0 ? own : own + l2 * along(c, m, l2, m.p);
}
