import { checkKeys, checkNumber } from "../check.js";
import { greatest, least } from "../math/extremes.js";
import { type Eigen, eigenOf } from "./eigen.js";
import { checkedPoint, checkLandscape, type Landscape } from "./landscape.js";
import { type Refined, refine, width } from "./refine.js";
import { signsAround } from "./signs.js";

/** The kinds of points. "none" is a point where the surface is not level. */
export type PointKind = "minimum" | "maximum" | "saddle" | "degenerate" | "cusp" | "none";

/** What a point of a surface is, with the figures that say so. */
export interface Classified {
  readonly kind: PointKind;
  /** The critical point itself, to the last digits; the point asked for, if it is none. */
  readonly point: readonly number[];
  /** How far the point asked for is from it. */
  readonly distance: number;
  /** The value there. */
  readonly value: number;
  /** The norm of the gradient at the point asked for. */
  readonly gradientNorm: number;
  /** Eigenvalues of the Hessian, from the least on; none at a cusp. */
  readonly eigenvalues: readonly number[];
  /** How many directions lead down: negative eigenvalues. Absent where the Hessian does not tell. */
  readonly index?: number;
  /** Where the Hessian does not tell, at a degenerate point or a cusp: what values around it say. */
  readonly shape?: "minimum" | "maximum" | "saddle" | "flat";
  /** In two variables, with `shape`: how often the surface changes between above and below on a circle around the point. */
  readonly signChanges?: number;
  /** Whether it is as low as the global minima of the table. */
  readonly global?: boolean;
}

/** Options of {@link classify}. */
export interface ClassifyOptions {
  /**
   * How far from a critical point the point may lie to count as it, as a share of the widest side of the domain. Default 1e-5,
   * which takes coordinates as tables print them.
   */
  tolerance?: number;
}

const TOLERANCE = 1e-5;
/** An eigenvalue that is so much smaller than the largest second derivative near by counts as 0. */
const SINGULAR = 1e-7;
/** Up to so many variables second derivatives are taken on both sides along each: a Hessian of d variables takes d passes. */
const FEW = 8;
/** Values this near the least one, for its size or 1, are as low. */
const AS_LOW = 1e-9;

/**
 * Says what a point of a surface is: a minimum, maximum or saddle by the eigenvalues of the Hessian there; degenerate, if
 * one of them is 0; a cusp, if there is no Hessian; or no critical point. Scale does not matter: a point is critical if
 * Newton's method finds a zero of the gradient within the tolerance of it.
 *
 * Throws a TypeError or a RangeError for a point that is not `dims` finite numbers.
 *
 * @example
 * classify(landscapes.himmelblau, [3, 2]); // { kind: "minimum", global: true, … }
 */
export function classify(landscape: Landscape, point: ArrayLike<number>, options: ClassifyOptions = {}): Classified {
  checkLandscape(landscape);
  checkedPoint("point", point, landscape.dims);
  checkKeys("options", options, ["tolerance"]);
  const { tolerance = TOLERANCE } = options;
  checkNumber("tolerance", tolerance, "a number in (0, 0.1]", (x) => x > 0 && x <= 0.1);
  const reach = tolerance * width(landscape);
  const cusp = landscape.cusps.find((each) => apart(each, point) <= reach);
  const found = cusp === undefined ? refine(landscape, point, reach) : undefined;
  const at = cusp ?? found?.point;
  const gradientNorm = norm(landscape.grad(point));
  if (at === undefined) {
    const { values } = eigenOf(landscape.hessian(point));
    const value = landscape.f(point);
    return { kind: "none", point: Array.from(point), distance: 0, value, gradientNorm, eigenvalues: values };
  }
  const classified = cusp ? cuspAt(landscape, cusp) : classifyCritical(landscape, found!);
  return { ...classified, distance: apart(at, point), gradientNorm };
}

/** Classifies a point that is critical. */
export function classifyCritical(landscape: Landscape, { point, eigen }: Refined): Classified {
  const value = landscape.evaluator.value(point);
  const gradientNorm = norm(landscape.grad(point));
  const base = { point, distance: 0, value, gradientNorm, eigenvalues: eigen.values };
  if (isSingular(landscape, point, eigen)) {
    const { shape, signChanges } = signsAround(landscape, point);
    const lowest = shape === "minimum" && isGlobal(landscape, value);
    return { kind: "degenerate", ...base, shape, ...(signChanges !== undefined && { signChanges }), global: lowest };
  }
  const index = eigen.values.filter((each) => each < 0).length;
  if (index === 0) return { kind: "minimum", ...base, index, global: isGlobal(landscape, value) };
  return { kind: index === landscape.dims ? "maximum" : "saddle", ...base, index };
}

/** Classifies a point without a Hessian. */
export function cuspAt(landscape: Landscape, point: readonly number[]): Classified {
  const value = landscape.evaluator.value(point);
  const { shape, signChanges } = signsAround(landscape, point);
  const global = shape === "minimum" && isGlobal(landscape, value);
  const rest = { shape, ...(signChanges !== undefined && { signChanges }), global };
  return { kind: "cusp", point: [...point], distance: 0, value, gradientNorm: 0, eigenvalues: [], ...rest };
}

function isGlobal({ minima }: Landscape, value: number): boolean {
  const lowest = minima[0]?.value;
  return lowest !== undefined && value <= lowest + AS_LOW * Math.max(1, Math.abs(lowest));
}

/** Whether an eigenvalue is 0 beside what second derivatives are at a thousandth of the domain's width. */
function isSingular(landscape: Landscape, point: readonly number[], { values }: Eigen): boolean {
  const smallest = least(values.map(Math.abs));
  let scale = greatest(values.map(Math.abs));
  const step = width(landscape) / 1000;
  // In many, along all at once.
  const alone = point.length <= FEW;
  for (let i = 0; i < (alone ? point.length : 1); i++) {
    for (const side of [-step, step]) {
      const near = point.map((each, j) => (j === i || !alone ? each + side : each));
      for (const row of landscape.hessian(near)) for (const each of row) scale = Math.max(scale, Math.abs(each));
    }
  }
  return smallest <= SINGULAR * scale;
}

export const norm = (x: Iterable<number>): number => {
  let squares = 0;
  for (const each of x) squares += each * each;
  return Math.sqrt(squares);
};
export const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  norm(Array.from(a, (each, i) => each - b[i]));
