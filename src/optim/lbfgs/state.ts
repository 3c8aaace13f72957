/** What L-BFGS keeps from step to step, and the words for why a step of it ended. */

/** Numbers alone, since they are saved. */
export interface LbfgsState {
  /** Iterations and evaluations of all steps. */
  iterations: number;
  evaluations: number;
  /** The step that noted point and gradient last, and for how many parameters; 0: none are noted. */
  noted: number;
  members: number;
  /** The ring of pairs: its size, how many it holds, where the next one goes, and 1 / y·s of each. */
  size: number;
  count: number;
  next: number;
  rho: number[];
  /** y·s / y·y of the newest pair. */
  scale: number;
  /** Why the last step ended: an index of `REASONS`. */
  reason: number;
}

/** Before the first step. */
export const MADE: Readonly<LbfgsState> = {
  ...{ iterations: 0, evaluations: 0, noted: 0, members: 0 },
  ...{ size: 0, count: 0, next: 0, rho: [], scale: 1, reason: 0 },
};

/**
 * Why a step ended.
 *
 * - "maxIter", "maxEval": there were as many as allowed; the next step goes on.
 * - "gradient": toleranceGrad is met. "slope", "step", "loss": toleranceChange is.
 * - "precision": the search finds no lower loss, along -g neither: f32 can tell no better point from this one.
 * - "notFinite": the loss or its gradient is NaN or infinite, in the search at every length.
 */
export const REASONS = [
  ...["", "maxIter", "maxEval", "gradient", "slope", "step", "loss", "precision", "notFinite"],
] as const;
export type LbfgsReason = "maxIter" | "maxEval" | "gradient" | "slope" | "step" | "loss" | "precision" | "notFinite";

/** The slots of the ring: changes of the point, and of the gradient. */
export const sName = (k: number): string => `s${k}`;
export const yName = (k: number): string => `y${k}`;

/** The names of the ring's slots. */
export const ringOf = (size: number): string[] => Array.from({ length: size }, (_, k) => [sName(k), yName(k)]).flat();

/** Begins anew: the next iteration goes along -g, as the first one did. */
export function forget(s: LbfgsState, size: number): void {
  Object.assign(s, { noted: 0, members: 0, size });
  clearPairs(s);
}

/** Forgets the pairs. */
export function clearPairs(s: LbfgsState): void {
  Object.assign(s, { count: 0, next: 0, scale: 1 });
  s.rho.length = 0;
}
