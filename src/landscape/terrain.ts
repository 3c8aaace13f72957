import { rangeError } from "../check.js";
import { greatest, least } from "../math/extremes.js";
import { norm } from "./classify.js";
import { type Eigen, eigenOf } from "./eigen.js";
import { checkedPoint, checkLandscape, type Landscape } from "./landscape.js";
import { width } from "./refine.js";

/**
 * Kinds of terrain. Where the surface bends upwards in every direction, or hardly down along one: a "valley"; a "ravine", if it
 * bends at least ten times as much across as along; a "canal", if such a ravine turns. A "plateau" is nearly level. A
 * "saddle" bends up and down alike, a "ridge" bends down across, a "dome" everywhere.
 */
export type TerrainKind = "valley" | "ravine" | "canal" | "plateau" | "saddle" | "ridge" | "dome";

/** The terrain at a point, with the figures that decided. */
export interface Terrain {
  readonly kind: TerrainKind;
  readonly gradientNorm: number;
  /** Eigenvalues of the Hessian, from the least on: how the surface bends. */
  readonly eigenvalues: readonly number[];
  /** The eigenvectors, one unit vector for each eigenvalue. */
  readonly eigenvectors: readonly (readonly number[])[];
  /** The largest eigenvalue over the least, where both are positive; otherwise the largest over the smallest by size. */
  readonly conditionNumber: number;
  /** Degrees that the direction of the floor, the eigenvector of least size, turns on a walk along it both ways. */
  readonly turn: number;
  /**
   * How much the surface changes, by slope and bend, within a twentieth of the domain's width, as a share of its height here above
   * the lowest point known. Infinite at that point.
   */
  readonly relief: number;
}

/** The notes' ravines have condition numbers 10 and 15. */
const RAVINE = 10;
/** Degrees. Ravines that are straight turn by none; Rosenbrock's floor by 4 where it is straightest, near (-1.5, 2.25). */
const CANAL = 3;
/** Gradient descent at 0.1 stays where it is on the surface "plateau" from radius 4 on, where the relief is 0.003. */
const PLATEAU = 0.01;
const NEAR = 0.05;
/** The walk, as a share of the domain's width each way, and its paces. */
const WALK = 0.15;
const PACES = 75;
/** Points along each variable at which a surface without known minima is asked for its lowest. */
const SAMPLES = 33;

/**
 * Says what the surface is like around a point, from the Hessian there and a walk along the floor.
 *
 * The floor is the direction in which the surface bends least. A walk along it, each way for 15 % of the domain's width,
 * corrects itself across the floor at each pace, and adds up by how much the direction turns: a canal's by 3 degrees or
 * more. A plateau is where the surface changes by less than a hundredth of its height above the lowest point within a
 * twentieth of the domain's width.
 *
 * Throws a TypeError or RangeError for a point that is not `dims` finite numbers, and a RangeError at a cusp, where there is no Hessian.
 *
 * @example
 * terrain(landscapes.rosenbrock, [0.5, 0.25]).kind; // "canal"
 */
export function terrain(landscape: Landscape, point: ArrayLike<number>): Terrain {
  checkLandscape(landscape);
  checkedPoint("point", point, landscape.dims);
  const rows = landscape.hessian(point);
  if (Number.isNaN(rows[0][0])) throw rangeError("point", "one that has a Hessian", Array.from(point));
  const { values, vectors } = eigenOf(rows);
  const gradientNorm = norm(landscape.grad(point));
  const sizes = values.map(Math.abs);
  const largest = greatest(sizes);
  const conditionNumber = largest === 0 ? 1 : largest / least(sizes);
  const step = NEAR * width(landscape);
  const change = gradientNorm * step + (largest * step * step) / 2;
  const height = landscape.evaluator.value(point) - lowest(landscape);
  const relief = height > 0 ? change / height : Number.POSITIVE_INFINITY;
  const turn = turnOf(landscape, point);
  const figures = { gradientNorm, eigenvalues: values, eigenvectors: vectors, conditionNumber, turn, relief };
  return { kind: kindOf(figures), ...figures };
}

function kindOf({ eigenvalues, conditionNumber, turn, relief }: Omit<Terrain, "kind">): TerrainKind {
  if (relief < PLATEAU) return "plateau";
  const lowest = eigenvalues[0];
  const most = eigenvalues[eigenvalues.length - 1];
  // A floor that bends down a little is still a floor: Rosenbrock's does between its walls.
  const floored = most > 0 && (lowest >= 0 || most >= RAVINE * -lowest);
  if (floored) return conditionNumber < RAVINE ? "valley" : turn >= CANAL ? "canal" : "ravine";
  if (most <= 0) return "dome";
  return -lowest >= RAVINE * most ? "ridge" : "saddle";
}

/** Degrees that the floor turns on both walks. */
function turnOf(landscape: Landscape, start: ArrayLike<number>): number {
  if (landscape.dims === 1) return 0;
  let total = 0;
  for (const way of [1, -1]) {
    let point = Array.from(start);
    let heading = floorOf(eigenOf(landscape.hessian(point))).map((each) => way * each);
    const pace = (WALK * width(landscape)) / PACES;
    for (let k = 0; k < PACES; k++) {
      point = onFloor(
        landscape,
        point.map((each, i) => each + pace * heading[i]),
        pace,
      );
      const next = floorOf(eigenOf(landscape.hessian(point)));
      const turned = dot(next, heading) < 0 ? next.map((each) => -each) : next;
      total += angle(turned, heading);
      heading = turned;
    }
  }
  return total;
}

/** The eigenvector along which the surface bends least, by size. */
function floorOf({ values, vectors }: Eigen): number[] {
  const sizes = values.map(Math.abs);
  return vectors[sizes.indexOf(least(sizes))];
}

/** Newton's step across the floor, of at most so much: along the eigenvectors in which the surface bends up most. */
function onFloor(landscape: Landscape, point: number[], most: number): number[] {
  const gradient = landscape.grad(point);
  const { values, vectors } = eigenOf(landscape.hessian(point));
  const sizes = values.map(Math.abs);
  const floor = sizes.indexOf(least(sizes));
  const moved = [...point];
  for (const [k, vector] of vectors.entries()) {
    if (k === floor || values[k] <= 0) continue;
    const step = Math.max(-most, Math.min(most, dot(vector, gradient) / values[k]));
    for (let i = 0; i < moved.length; i++) moved[i] -= step * vector[i];
  }
  return moved;
}

/** The value of the global minima, or the lowest on a grid over the first two variables of the domain. */
function lowest({ minima, dims, domain, evaluator }: Landscape): number {
  if (minima.length > 0) return minima[0].value;
  let found = Number.POSITIVE_INFINITY;
  const at = (i: number, k: number): number => domain[i][0] + ((domain[i][1] - domain[i][0]) * k) / (SAMPLES - 1);
  for (let k = 0; k < SAMPLES; k++) {
    for (let l = 0; l < SAMPLES; l++) {
      const point = domain.map(([from, to]) => (from + to) / 2);
      point[0] = at(0, k);
      if (dims > 1) point[1] = at(1, l);
      found = Math.min(found, evaluator.value(point));
    }
  }
  return found;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
};

/** Degrees between unit vectors that point much the same way: 2 arctan t for half their distance, by its series. */
function angle(a: readonly number[], b: readonly number[]): number {
  const half = norm(a.map((each, i) => each - b[i])) / 2;
  const t = half / Math.sqrt(1 - half * half); // at most tan 45° = 1, by the choice of the sign
  let series = 0;
  for (let k = 61; k >= 1; k -= 2) series = 1 / k - series * t * t;
  return ((2 * t * series) / Math.PI) * 180;
}
