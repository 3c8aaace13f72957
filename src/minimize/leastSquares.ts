import { checkKeys } from "../check.js";
import { triangle } from "./qr.js";
import { type Jacobian, Measured, type Residuals } from "./residuals.js";
import {
  checkFunction,
  checkStop,
  dot,
  largest,
  type MinimizeResult,
  type StopOptions,
  type StopReason,
  square,
  startOf,
} from "./result.js";
import { TrustStep } from "./trustStep.js";

/** When {@link leastSquares} ends, and where it has derivatives from. */
export interface LeastSquaresOptions extends StopOptions {
  /** The derivatives of the residuals: a row for each. By default central differences, 2n evaluations. */
  jacobian?: Jacobian;
}

/** Where {@link leastSquares} ended. `value` is half the sum of squares, and `gradientNorm` that of Jᵀr. */
export interface LeastSquaresResult extends MinimizeResult {
  /** The residuals at x. */
  residuals: Float64Array;
}

/**
 * The first trust region, as a multiple of ‖D x₀‖. MINPACK's 100 sends NIST's BoxBOD off from its far start, where residuals
 * no longer depend on b₂; 10 and 1 solve all nine problems from both starts.
 */
const FIRST_RADIUS = 10;
/** A step is taken if the sum falls by this share of what the linear model promises. */
const ENOUGH = 1e-4;
/** By how much a sum of squares may be off, as a share of it: smaller changes say nothing of a step. */
const NOISE = 16 * Number.EPSILON;

/**
 * Least squares by Levenberg–Marquardt in double precision: fits the parameters of a model to data.
 *
 * ```
 * minimise ½ Σ rᵢ(x)²
 * (JᵀJ + λ D²) p = -Jᵀr              by QR, λ such that ‖D p‖ stays within the trust region
 * x = x + p                          if the sum falls by 1e-4 of what the linear model promises, or more
 * ```
 * D has the largest norms that the columns of J have had, so that the units of x do not matter. The region grows and
 * shrinks by how well the model promised, as in MINPACK's lmder. Residuals that are NaN or infinite, and a call that throws,
 * count as a step that is too long. Only + - × ÷ √ lead to x besides `residuals` and `jacobian`.
 *
 * Moré, The Levenberg–Marquardt algorithm: implementation and theory, 1978; Moré, Garbow & Hillstrom, User guide for
 * MINPACK-1, 1980.
 *
 * @param residuals what model and data differ by at x: as many numbers at every x
 * @param x0 where to start; not changed
 * @param options jacobian; gradientTolerance 0, stepTolerance 1e-14 (of ‖D p‖ to ‖D x‖), valueTolerance 0 (of the sum,
 *   promised and real), maxEvaluations 10,000, those of differences included
 * @throws TypeError or RangeError for bad arguments, and whatever `residuals` throws at x0 and `jacobian` anywhere
 * @example
 * const days = [1, 2, 3, 5, 7, 10];
 * const demand = [109, 149, 149, 191, 213, 224];
 * const { x } = leastSquares(([b1, b2]) => days.map((t, i) => b1 * (1 - Math.exp(-b2 * t)) - demand[i]), [100, 0.75]);
 * // x: [213.809, 0.547]
 */
export function leastSquares(
  residuals: Residuals,
  x0: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): LeastSquaresResult {
  checkFunction("residuals", residuals);
  let x: Float64Array = startOf(x0);
  checkKeys("options", options, KEYS);
  checkStop(options);
  const { gradientTolerance = 0, stepTolerance = 1e-14, valueTolerance = 0 } = options;
  const { maxEvaluations = 10_000, jacobian, onStep } = options;
  if (jacobian !== undefined) checkFunction("jacobian", jacobian);

  const measured = new Measured(residuals, jacobian, x);
  const { m } = measured;
  const n = x.length;
  const rows = Math.max(m, n);
  let r: Float64Array = measured.first;
  let nextR: Float64Array = new Float64Array(m);
  let nextX: Float64Array = new Float64Array(n);
  const j = new Float64Array(rows * n);
  const right = new Float64Array(rows);
  const gradient = new Float64Array(n);
  const d = new Float64Array(n);
  const trust = new TrustStep(n);
  let radius = 0;
  let lastLength = Number.POSITIVE_INFINITY;
  let norm = Math.sqrt(dot(r, r));
  const at: MinimizeResult = {
    x,
    value: 0.5 * norm * norm,
    gradientNorm: Number.NaN,
    steps: 0,
    evaluations: 1,
    reason: "gradient",
  };
  const end = (reason: StopReason): LeastSquaresResult => {
    const { threw, evaluations } = measured;
    const failed = threw && reason === "notFinite";
    return {
      ...{ ...at, x: x.slice(), residuals: r.slice(), evaluations, reason: failed ? "threw" : reason },
      ...(failed && { error: threw.error }),
    };
  };
  if (!Number.isFinite(norm)) return end("notFinite");

  let reached: StopReason | undefined;
  for (;;) {
    if (!measured.derivatives(x, j, r)) return end("notFinite");
    gradientOf(j, r, gradient, m);
    at.gradientNorm = largest(gradient);
    if (at.steps > 0 && onStep?.({ ...at, evaluations: measured.evaluations }) === false) return end("cancelled");
    if (at.gradientNorm <= gradientTolerance) return end("gradient");
    if (reached) return end(reached);
    widen(d, j, m);
    right.fill(0);
    right.set(r);
    j.fill(0, m * n);
    triangle(j, right, rows, n);
    const size = scaledNorm(d, x);
    // Near x = 0 its size says nothing.
    if (at.steps === 0) radius = FIRST_RADIUS * (size > 1e-8 * norm ? size : norm);

    for (let taken = false; !taken; ) {
      if (measured.evaluations >= maxEvaluations) return end("evaluations");
      trust.take(j, right, d, radius);
      const { p, length, damping } = trust;
      for (let i = 0; i < n; i++) nextX[i] = x[i] + p[i];
      if (at.steps === 0) radius = Math.min(radius, length);
      const finite = measured.at(nextX, nextR);
      const nextNorm = finite ? Math.sqrt(dot(nextR, nextR)) : Number.POSITIVE_INFINITY;
      // Both as shares of the sum. Far above it they are not measured, which might overflow.
      const fall = 0.1 * nextNorm < norm ? 1 - square(nextNorm / norm) : -1;
      const linear = square(triangleNorm(j, p) / norm);
      const damped = damping * square(length / norm);
      const promised = linear + 2 * damped;
      const ratio = promised === 0 ? 0 : fall / promised;
      const blind = finite && promised <= NOISE && Math.abs(fall) <= NOISE;
      if (blind) radius = Math.max(radius, 2 * length);
      else if (!(ratio > 0.25)) {
        // So is a step whose length overflows, or that is NaN.
        const slope = -(linear + damped);
        const share = fall >= 0 ? 0.5 : (0.5 * slope) / (slope + 0.5 * fall);
        const shrink = 0.1 * nextNorm >= norm || !(share >= 0.1) ? 0.1 : share;
        // biome-ignore lint/complexity/useMathMinMax: a length that is NaN leaves the radius
        radius = shrink * (10 * length < radius ? 10 * length : radius);
        trust.damping = Number.isFinite(damping) ? damping / shrink : 0;
      } else if (damping === 0 || ratio >= 0.75) {
        radius = 2 * length;
        trust.damping *= 0.5;
      }
      // Where the sum no longer tells, steps are taken while they shrink: Gauss and Newton's have some digits more to give.
      // One of length 0 has none.
      taken = blind ? length > 0 && length <= 0.9 * lastLength : ratio >= ENOUGH;
      if (taken) {
        lastLength = length;
        [x, nextX] = [nextX, x];
        [r, nextR] = [nextR, r];
        norm = nextNorm;
        Object.assign(at, { x, value: 0.5 * norm * norm, steps: at.steps + 1 });
      }
      if (valueTolerance > 0 && Math.abs(fall) <= valueTolerance && promised <= valueTolerance) reached = "value";
      else if (radius <= stepTolerance * size) reached = "step";
      else if ((blind && !taken) || !(radius > Number.EPSILON * size)) reached = "precision";
      if (reached && !taken) return end(finite ? reached : "notFinite");
      if (norm === 0) break;
    }
  }
}

const KEYS = ["gradientTolerance", "stepTolerance", "valueTolerance", "maxEvaluations", "onStep", "jacobian"];

/** g = Jᵀ r */
function gradientOf(j: Float64Array, r: Float64Array, g: Float64Array, m: number): void {
  const n = g.length;
  g.fill(0);
  for (let i = 0; i < m; i++) for (let k = 0; k < n; k++) g[k] += j[i * n + k] * r[i];
}

/** Raises D to the norms of the columns of J; a column that was always 0 has 1. */
function widen(d: Float64Array, j: Float64Array, m: number): void {
  const n = d.length;
  for (let k = 0; k < n; k++) {
    let total = 0;
    for (let i = 0; i < m; i++) total += square(j[i * n + k]);
    let norm = Math.sqrt(total);
    if (!(norm > 1e-150 && norm < Number.POSITIVE_INFINITY)) {
      // Squares overflow or vanish.
      norm = 0;
      for (let i = 0; i < m; i++) norm = Math.max(norm, Math.abs(j[i * n + k]));
    }
    d[k] = Math.max(d[k], norm) || 1;
  }
}

function scaledNorm(d: Float64Array, x: Float64Array): number {
  let total = 0;
  for (let k = 0; k < d.length; k++) total += square(d[k] * x[k]);
  return Math.sqrt(total);
}

/** ‖R p‖, which is ‖J p‖. */
function triangleNorm(r: Float64Array, p: Float64Array): number {
  const n = p.length;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    let total = 0;
    for (let k = i; k < n; k++) total += r[i * n + k] * p[k];
    squares += square(total);
  }
  return Math.sqrt(squares);
}
