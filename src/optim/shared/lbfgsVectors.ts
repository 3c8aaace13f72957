/** What L-BFGS computes with vectors that span all parameters: each a slot of that name. Sums are in f64. */
import type { Member, StepContext } from "../core/rule.js";
import { type LbfgsHyper, type LbfgsState, sName, yName } from "./lbfgsState.js";

export type Context = StepContext<LbfgsHyper, LbfgsState>;

/** direction = -H g, by the two-loop recursion: Nocedal & Wright, Numerical optimization, algorithm 7.4. */
export function direct(c: Context): void {
  const { state: s, ops, tensors } = c;
  const alphas: number[] = [];
  for (let back = 1; back <= s.count; back++) {
    const k = (s.next - back + s.size) % s.size;
    alphas[k] = s.rho[k] * dot(c, sName(k), "direction");
    for (let i = 0; i < tensors.length; i++)
      ops.axpy(-alphas[k], tensors[i].slots[yName(k)], tensors[i].slots.direction);
  }
  if (s.scale !== 1) for (let i = 0; i < tensors.length; i++) ops.scale(tensors[i].slots.direction, s.scale);
  for (let back = s.count; back >= 1; back--) {
    const k = (s.next - back + s.size) % s.size;
    const weight = alphas[k] - s.rho[k] * dot(c, yName(k), "direction");
    for (let i = 0; i < tensors.length; i++) ops.axpy(weight, tensors[i].slots[sName(k)], tensors[i].slots.direction);
  }
}

/** Makes -g at the noted point the direction. */
export function descend({ ops, tensors }: Context): void {
  for (let i = 0; i < tensors.length; i++) {
    const { gradient, direction } = tensors[i].slots;
    ops.copy(gradient, direction);
    ops.scale(direction, -1);
  }
}

/** Puts parameters and gradients back to where the iteration began. */
export function stay({ ops, tensors, gradScale }: Context): void {
  for (let i = 0; i < tensors.length; i++) {
    const { p, g, slots } = tensors[i];
    ops.copy(slots.point, p);
    ops.copy(slots.gradient, g);
    if (gradScale !== 1) ops.scale(g, 1 / gradScale);
  }
}

export const sum = (tensors: readonly Member[], of: (m: Member) => number): number => {
  let all = 0;
  for (let i = 0; i < tensors.length; i++) all += of(tensors[i]);
  return all;
};
export const dot = ({ ops, tensors }: Context, x: string, y: string): number =>
  sum(tensors, ({ slots }) => ops.dot(slots[x], slots[y]));
export const total = ({ ops, tensors }: Context, x: string): number =>
  sum(tensors, ({ slots }) => ops.sumAbs(slots[x]));
export function largest({ ops, tensors }: Context, x: string): number {
  let most = 0;
  for (let i = 0; i < tensors.length; i++) most = Math.max(most, ops.maxAbs(tensors[i].slots[x]));
  return most;
}
/** The largest magnitude in the gradient. */
export function largestGradient({ ops, tensors, gradScale }: Context): number {
  let most = 0;
  for (let i = 0; i < tensors.length; i++) most = Math.max(most, ops.maxAbs(tensors[i].g));
  return Math.abs(gradScale) * most;
}
export const allFinite = ({ ops, tensors }: Context, loss: number): boolean =>
  Number.isFinite(loss) && Number.isFinite(sum(tensors, ({ g }) => ops.dot(g, g)));
