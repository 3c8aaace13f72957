import { pow } from "../../math/f64.js";
import type { Counted, StepContext } from "../core/rule.js";

/** State of the Schedule-Free rules for the average x of the points z. */
export interface Averaging extends Counted {
  lrMax: number;
  weightSum: number;
}

export const averaging = (): Averaging => ({ lrMax: 0, weightSum: 0, steps: 0 });

/** c = w / Σw, the weight of the newest z in x, with w = t^r lrMax^power: late and large steps have more weight. */
export function averageWeightOf(s: Averaging, lr: number, t: number, r: number, power: number): number {
  s.lrMax = Math.max(lr, s.lrMax);
  const weight = pow(t, r) * (s.lrMax === 0 && power > 0 ? 0 : pow(s.lrMax, power));
  s.weightSum += weight;
  return s.weightSum === 0 ? 0 : weight / s.weightSum;
}

/**
 * Moves every parameter from y, where gradients are taken, to x, or back: y = βx + (1 - β)z, so x - z = (y - z) / β.
 * Three shared kernels, as it runs once per evaluation; near z this rounds less than a sum of multiples of y and z.
 */
export function moveParameters<H extends object>(
  c: StepContext<H, object>,
  beta: number,
  mode: "train" | "eval",
): void {
  for (const { p, slots } of c.tensors) {
    c.ops.axpy(-1, slots.z, p);
    c.ops.scale(p, mode === "eval" ? 1 / beta : beta);
    c.ops.axpy(1, slots.z, p);
  }
}
