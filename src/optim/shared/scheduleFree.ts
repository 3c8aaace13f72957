import { pow } from "../../f64.js";
import type { StepContext } from "../core/rule.js";

/** What the Schedule-Free rules carry from step to step, for the average x of the points z that they step through. */
export interface Averaging {
  lrMax: number;
  weightSum: number;
}

export const averaging = (): Averaging => ({ lrMax: 0, weightSum: 0 });

/** c = w / Σw, the share of the newest z in x, with w = t^r lrMax^power: late and large steps count for more. */
export function newestShare(s: Averaging, lr: number, t: number, r: number, power: number): number {
  s.lrMax = Math.max(lr, s.lrMax);
  const weight = pow(t, r) * (s.lrMax === 0 && power > 0 ? 0 : pow(s.lrMax, power));
  s.weightSum += weight;
  return s.weightSum === 0 ? 0 : weight / s.weightSum;
}

/**
 * Moves every parameter from y, where gradients are taken, to x, or back: y = βx + (1 - β)z, so x - z = (y - z) / β.
 * Three passes of shared kernels: it is done once an evaluation, and near z it rounds less than a sum of multiples.
 */
export function moveAbout<H extends object>(c: StepContext<H, object>, beta: number, mode: "train" | "eval"): void {
  for (const { p, slots } of c.tensors) {
    c.ops.axpy(-1, slots.z, p);
    c.ops.scale(p, mode === "eval" ? 1 / beta : beta);
    c.ops.axpy(1, slots.z, p);
  }
}
