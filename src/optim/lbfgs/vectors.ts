/** What L-BFGS computes with vectors that span all parameters: each a slot of that name. Sums are in f64. */
import { type Found, type Line, strongWolfe } from "../../math/lineSearch.js";
import type { Member, StepContext } from "../core/rule.js";
import { type LbfgsState, sName, yName } from "./state.js";

const { abs, max } = Math;

/** What they need of a step. */
export type Vectors = Pick<StepContext<object, LbfgsState>, "ops" | "tensors" | "state" | "gradScale">;

/** Evaluations of one line search, PyTorch's. */
const MOST_OF_A_SEARCH = 25;
/** By how much a loss of f32 parameters may be off, as a share of it. */
const NOISE = 2 ** -22;

/** direction = -H g, by the two-loop recursion: Nocedal & Wright, Numerical optimization, algorithm 7.4. */
export function direct(c: Vectors): void {
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
export function descend({ ops, tensors }: Vectors): void {
  for (let i = 0; i < tensors.length; i++) {
    const { gradient, direction } = tensors[i].slots;
    ops.copy(gradient, direction);
    ops.scale(direction, -1);
  }
}

/** Puts parameters and gradients back to where the iteration began. */
export function stay({ ops, tensors, gradScale }: Vectors): void {
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
export const dot = ({ ops, tensors }: Vectors, x: string, y: string): number =>
  sum(tensors, ({ slots }) => ops.dot(slots[x], slots[y]));
export const total = ({ ops, tensors }: Vectors, x: string): number =>
  sum(tensors, ({ slots }) => ops.sumAbs(slots[x]));
export function largest({ ops, tensors }: Vectors, x: string): number {
  let most = 0;
  for (let i = 0; i < tensors.length; i++) most = max(most, ops.maxAbs(tensors[i].slots[x]));
  return most;
}
/** The largest magnitude in the gradient. */
export function largestGradient({ ops, tensors, gradScale }: Vectors): number {
  let most = 0;
  for (let i = 0; i < tensors.length; i++) most = max(most, ops.maxAbs(tensors[i].g));
  return abs(gradScale) * most;
}
export const allFinite = ({ ops, tensors }: Vectors, loss: number): boolean =>
  Number.isFinite(loss) && Number.isFinite(sum(tensors, ({ g }) => ops.dot(g, g)));

/** Whether the last step noted the point and gradient of these very parameters, and the ring has the size that it should. */
export function continues({ state: s, tensors, ops }: Vectors, size: number): boolean {
  if (s.noted === 0 || s.size !== size || s.members !== tensors.length) return false;
  for (let i = 0; i < tensors.length; i++) if (ops.sum(tensors[i].slots.noted) !== s.noted) return false;
  return true;
}

/** Searches along the direction; leaves parameters and gradients where it ends. */
export function along(
  c: Vectors,
  move: (t: number) => void,
  evaluate: () => number,
  [loss, slope, t]: readonly [loss: number, slope: number, t: number],
  toleranceChange: number,
): Found {
  const { ops, tensors } = c;
  const line: Line = {
    value: 0,
    slope: 0,
    evaluate(where) {
      move(where);
      line.value = evaluate();
      line.slope = c.gradScale * sum(tensors, ({ g, slots }) => ops.dot(g, slots.direction));
    },
    keep() {
      for (let i = 0; i < tensors.length; i++) ops.copy(tensors[i].g, tensors[i].slots.best);
    },
  };
  const shortest = toleranceChange / largest(c, "direction");
  const noise = NOISE * abs(loss);
  const found = strongWolfe(line, loss, slope, t, { most: MOST_OF_A_SEARCH, shortest, noise });
  if (found.t === 0) stay(c);
  else if (!found.last) {
    move(found.t);
    for (let i = 0; i < tensors.length; i++) ops.copy(tensors[i].slots.best, tensors[i].g);
  }
  return found;
}
