import { greatest } from "../math/extremes.js";
import { type Eigen, eigenOf } from "./eigen.js";
import type { Landscape } from "./landscape.js";

/** The widest side of the domain: the scale of lengths. */
export const width = ({ domain }: Landscape): number => greatest(domain.map(([from, to]) => to - from));

/** A zero of the gradient, with the Hessian's eigenvalues there. */
export interface Refined {
  readonly point: readonly number[];
  readonly eigen: Eigen;
}

/** Where the Hessian is singular each step halves the distance only. */
const STEPS = 100;

/**
 * The zero of the gradient that Newton's method reaches from a point without leaving the ball of this radius around it;
 * undefined if there is none.
 */
export function refine(landscape: Landscape, from: ArrayLike<number>, reach: number): Refined | undefined {
  const { evaluator, dims } = landscape;
  const gradient = new Float64Array(dims);
  const unit = width(landscape);
  let point = Array.from(from);
  let last = Number.POSITIVE_INFINITY;
  let arrived = false;
  for (let step = 0; step < STEPS && !arrived; step++) {
    evaluator.gradient(point, gradient);
    arrived = gradient.every((each) => each === 0);
    if (arrived) break;
    const move = newton(eigenOf(landscape.hessian(point)), gradient);
    const length = Math.sqrt(move.reduce((total, each) => total + each * each, 0));
    if (!Number.isFinite(length)) return undefined;
    // Steps that no longer shrink are rounding, if they are that small.
    arrived = length <= 1e-16 * unit || (length >= last && length <= 1e-9 * unit);
    if (arrived && length >= last) break;
    last = length;
    point = point.map((each, i) => each + move[i]);
    const far = Math.sqrt(point.reduce((total, each, i) => total + (each - from[i]) * (each - from[i]), 0));
    if (far > reach) return undefined;
  }
  if (!arrived && last > 1e-9 * unit) return undefined;
  const neat = rounded(landscape, point);
  return { point: neat, eigen: eigenOf(landscape.hessian(neat)) };
}

/** Newton's step, -H⁻¹g. Along an eigenvector with the eigenvalue 0 it is infinite, unless the gradient has nothing there. */
function newton({ values, vectors }: Eigen, gradient: ArrayLike<number>): number[] {
  const move = vectors.map(() => 0);
  for (const [k, vector] of vectors.entries()) {
    const part = vector.reduce((total, each, i) => total + each * gradient[i], 0);
    if (part === 0) continue;
    for (const [i, each] of vector.entries()) move[i] -= (part / values[k]) * each;
  }
  return move;
}

/** The point with each coordinate rounded to 12 digits of the domain's width, if that is a matter of the last bits. */
function rounded(landscape: Landscape, point: readonly number[]): readonly number[] {
  let places = 1e12;
  for (let unit = width(landscape); unit > 3 && places > 1; unit /= 10) places /= 10;
  return point.map((each) => {
    const neat = Math.round(each * places) / places + 0; // not -0
    return Math.abs(neat - each) <= 1e-15 * width(landscape) ? neat : each;
  });
}
