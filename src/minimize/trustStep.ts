/**
 * The step of Levenberg–Marquardt within a trust region: p that minimises ‖J p + r‖ among those with ‖D p‖ ≤ Δ, by the
 * damping λ for which (JᵀJ + λ D²) p = -Jᵀr has that length, up to a tenth. Moré, The Levenberg–Marquardt algorithm:
 * implementation and theory, 1978, section 5: Newton's method for λ on 1/‖D p‖, between bounds.
 */

import { isRegular, solve, solveTransposed, triangle } from "./qr.js";
import { dot, square } from "./result.js";

/** How far ‖D p‖ may be from Δ, as a share of it. */
const SLACK = 0.1;
const MOST_TRIES = 10;
const TINY = 2 ** -1022;

/** Working memory for n unknowns, and the step that was found. */
export class TrustStep {
  readonly p: Float64Array;
  /** λ: taken up by the next step, 0 where the whole step is within the region. */
  damping = 0;
  /** ‖D p‖ */
  length = 0;
  readonly #stacked: Float64Array;
  readonly #right: Float64Array;
  readonly #w: Float64Array;

  constructor(n: number) {
    this.p = new Float64Array(n);
    this.#stacked = new Float64Array(2 * n * n);
    this.#right = new Float64Array(2 * n);
    this.#w = new Float64Array(n);
  }

  /** @param r the triangle R of J; @param b Qᵀr, of which n are read; @param radius Δ */
  take(r: Float64Array, b: Float64Array, d: Float64Array, radius: number): void {
    let lower = 0;
    let excess = Number.POSITIVE_INFINITY;
    if (isRegular(r, d.length)) {
      excess = this.#measure(r, b, d, 0) - radius;
      if (excess <= SLACK * radius) {
        this.damping = 0;
        return;
      }
      lower = excess / radius / this.#shrinkage(r, d);
    }
    let upper = this.#slope(r, b, d) / radius;
    if (upper === 0) upper = TINY / Math.min(radius, SLACK);
    let damping = Math.min(Math.max(this.damping, lower), upper);
    if (damping === 0) damping = Number.isFinite(excess) ? (upper * radius) / this.length : upper;
    for (let tries = 1; ; tries++) {
      if (damping === 0) damping = Math.max(TINY, 1e-3 * upper);
      const before = excess;
      excess = this.#measure(r, b, d, damping) - radius;
      const stuck = lower === 0 && excess <= before && before < 0;
      if (Math.abs(excess) <= SLACK * radius || stuck || tries === MOST_TRIES) break;
      const change = excess / radius / this.#shrinkage(this.#stacked, d);
      if (excess > 0) lower = Math.max(lower, damping);
      else upper = Math.min(upper, damping);
      damping = Math.max(lower, damping + change);
    }
    this.damping = damping;
  }

  /** The step with damping λ; its length. */
  #measure(r: Float64Array, b: Float64Array, d: Float64Array, damping: number): number {
    const n = d.length;
    const { p } = this;
    const stacked = this.#stacked;
    const right = this.#right;
    const root = Math.sqrt(damping);
    stacked.fill(0);
    for (let i = 0; i < n * n; i++) stacked[i] = r[i];
    for (let k = 0; k < n; k++) {
      right[k] = -b[k];
      right[n + k] = 0;
      stacked[(n + k) * n + k] = root * d[k];
    }
    if (damping > 0) triangle(stacked, right, 2 * n, n);
    solve(stacked, right, p);
    let total = 0;
    for (let k = 0; k < n; k++) total += square(d[k] * p[k]);
    this.length = Math.sqrt(total);
    return this.length;
  }

  /** By what share of λ ‖D p‖ falls with it: ‖S⁻ᵀ D² p‖² / ‖D p‖², for the triangle S that p was solved with. */
  #shrinkage(s: Float64Array, d: Float64Array): number {
    const w = this.#w;
    for (let k = 0; k < d.length; k++) w[k] = d[k] * ((d[k] * this.p[k]) / this.length);
    solveTransposed(s, w, w);
    return dot(w, w);
  }

  /** ‖D⁻¹ Jᵀr‖ */
  #slope(r: Float64Array, b: Float64Array, d: Float64Array): number {
    const n = d.length;
    let squares = 0;
    for (let j = 0; j < n; j++) {
      let total = 0;
      for (let i = 0; i <= j; i++) total += r[i * n + j] * b[i];
      squares += square(total / d[j]);
    }
    return Math.sqrt(squares);
  }
}
