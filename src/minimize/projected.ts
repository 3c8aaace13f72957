import type { Box } from "./bounds.js";
import type { ValueAndGradient } from "./lbfgs.js";
import { Pairs } from "./pairs.js";
import { dot, largest, type MinimizeResult, type StopOptions, type StopReason } from "./result.js";

/** A step is taken if the value falls by this share of what the gradient promises. */
const ENOUGH = 1e-4;
/** The most halvings of a step: after 50, it is below the rounding of x. */
const MOST_HALVINGS = 50;
/** An element this close to its bound, or closer, is held there while the gradient pushes it on. */
const CLOSE = 1e-8;
/** By how much a sum in f64 may be off, as a share of the value. */
const NOISE = 4 * Number.EPSILON;
/** Steps in a row that, within that noise, lower neither the value nor the gradient, before it gives up. */
const MOST_IDLE = 10;

/**
 * L-BFGS within bounds, by projection: elements at a bound that the gradient pushes on are held, the others take the
 * direction of L-BFGS, and the step along it is projected and halved until the value falls enough.
 *
 * ```
 * held = { i : xᵢ at its bound, and -gᵢ points out }
 * d = -H g on the others, from g with 0 for those held; -gᵢ on those held
 * x = P(x + t d)                     t = 1, ½, ¼ … until f(x') ≤ f(x) + 1e-4 g·(x' - x)
 * ```
 * Two-metric projection: Bertsekas, Projected Newton methods for optimization problems with simple constraints, SIAM
 * Journal on Control and Optimization 20, 1982. L-BFGS-B looks for the bounds to hold along a path instead.
 *
 * The options are complete. x0 is within the bounds.
 */
export function projectedLbfgs(
  f: ValueAndGradient,
  x0: Float64Array,
  box: Box,
  o: Required<Omit<StopOptions, "onStep">> & Pick<StopOptions, "onStep"> & { historySize: number },
): MinimizeResult {
  let x: Float64Array = x0.slice();
  const n = x.length;
  let [g, nextX, nextG] = [0, 0, 0].map((): Float64Array => new Float64Array(n));
  const d = new Float64Array(n);
  const free = new Float64Array(n);
  const isHeld = new Uint8Array(n);
  const pairs = new Pairs(o.historySize);
  let value = f(x, g);
  const at: MinimizeResult = {
    x,
    value,
    gradientNorm: box.gradientNorm(x, g),
    steps: 0,
    evaluations: 1,
    reason: "gradient",
  };
  const end = (reason: StopReason): MinimizeResult => ({ ...at, x: x.slice(), reason });
  if (!Number.isFinite(value) || !Number.isFinite(largest(g))) return end("notFinite");

  let least = at.gradientNorm;
  let idle = 0;
  for (;;) {
    if (at.gradientNorm <= o.gradientTolerance) return end("gradient");
    const close = Math.min(CLOSE, at.gradientNorm);
    for (let i = 0; i < n; i++) {
      const room = g[i] > 0 ? x[i] - box.least[i] : box.most[i] - x[i];
      isHeld[i] = room <= close ? 1 : 0;
      free[i] = isHeld[i] ? 0 : g[i];
    }
    pairs.direction(free, d);
    for (let i = 0; i < n; i++) if (isHeld[i]) d[i] = -g[i];
    if (!(dot(g, d) < 0)) {
      pairs.clear();
      for (let i = 0; i < n; i++) d[i] = -g[i];
    }
    let t = pairs.count === 0 ? Math.min(1, 1 / Math.sqrt(dot(g, g))) : 1;
    let found = false;
    let finite = true;
    let next = value;
    for (let halvings = 0; halvings < MOST_HALVINGS && !found; halvings++) {
      if (at.evaluations >= o.maxEvaluations) return end("evaluations");
      let promised = 0;
      for (let i = 0; i < n; i++) {
        nextX[i] = box.within(i, x[i] + t * d[i]);
        promised += g[i] * (nextX[i] - x[i]);
      }
      next = f(nextX, nextG);
      at.evaluations++;
      finite = Number.isFinite(next) && Number.isFinite(largest(nextG));
      // Where values differ by no more than their rounding, the gradient tells.
      const level = Math.abs(next - value) <= NOISE * Math.abs(value);
      found =
        finite && (next <= value + ENOUGH * promised || (level && box.gradientNorm(nextX, nextG) < at.gradientNorm));
      t /= 2;
    }
    if (!found) {
      if (pairs.count === 0) return end(finite ? "precision" : "notFinite");
      pairs.clear();
      continue;
    }
    pairs.add(nextX, x, nextG, g);
    let change = 0;
    for (let i = 0; i < n; i++) change = Math.max(change, Math.abs(nextX[i] - x[i]));
    const fall = value - next;
    [x, nextX] = [nextX, x];
    [g, nextG] = [nextG, g];
    value = next;
    Object.assign(at, { x, value, gradientNorm: box.gradientNorm(x, g), steps: at.steps + 1 });
    idle = fall > 0 || at.gradientNorm < least ? 0 : idle + 1;
    least = Math.min(least, at.gradientNorm);
    if (o.onStep?.({ ...at }) === false) return end("cancelled");
    if (at.gradientNorm <= o.gradientTolerance) return end("gradient");
    if (change <= o.stepTolerance * Math.max(1, largest(x))) return end("step");
    if (o.valueTolerance > 0 && fall <= o.valueTolerance * Math.max(1, Math.abs(value))) return end("value");
    if (idle === MOST_IDLE) return end("precision");
  }
}
