/** Functions on which `minimize` is set beside SciPy, from ten starts each, and what SciPy took. Used by the tests and by bench/minimizePage.ts. */
import { rosenbrock } from "./rosenbrock.js";

export interface Compared {
  name: string;
  f: (x: Float64Array) => { value: number; gradient: Float64Array };
  starts: number[][];
  /**
   * Evaluations of SciPy 1.17.1 from each start: minimize(f, x0, jac=True, method="L-BFGS-B", options=dict(maxcor=10,
   * gtol=1e-6, ftol=0, maxfun=15000, maxiter=15000)), on numpy, python 3.
   */
  scipy: number[];
  /** The same without jac, which takes jac="3-point": central differences. */
  differences: number[];
  /** Where SciPy ended from each start: the first two elements of x, and the value, to 4 and 6 digits after the point. */
  found: [x0: number, x1: number, value: number][];
}

/** Ten starts of n variables that fill the box whose sides alternate between the two given. */
const startsIn = (n: number, low: readonly [number, number], high: readonly [number, number]): number[][] =>
  Array.from({ length: 10 }, (_, at) => {
    const k = at + 1;
    return Array.from({ length: n }, (_, j) => {
      const share = ((k * 37 + j * 61 + k * j * 17) % 101) / 101;
      return low[j % 2]! + (high[j % 2]! - low[j % 2]!) * share;
    });
  });

function valley(x: Float64Array) {
  const gradient = new Float64Array(x.length);
  return { value: rosenbrock(x, gradient), gradient };
}

function beale([x, y]: Float64Array) {
  const a = 1.5 - x! + x! * y!;
  const b = 2.25 - x! + x! * y! * y!;
  const c = 2.625 - x! + x! * y! * y! * y!;
  const gradient = Float64Array.of(
    2 * a * (y! - 1) + 2 * b * (y! * y! - 1) + 2 * c * (y! * y! * y! - 1),
    2 * a * x! + 4 * b * x! * y! + 6 * c * x! * y! * y!,
  );
  return { value: a * a + b * b + c * c, gradient };
}

function booth([x, y]: Float64Array) {
  const a = x! + 2 * y! - 7;
  const b = 2 * x! + y! - 5;
  return { value: a * a + b * b, gradient: Float64Array.of(2 * a + 4 * b, 4 * a + 2 * b) };
}

function himmelblau([x, y]: Float64Array) {
  const a = x! * x! + y! - 11;
  const b = x! + y! * y! - 7;
  return { value: a * a + b * b, gradient: Float64Array.of(4 * a * x! + 2 * b, 2 * a + 4 * b * y!) };
}

export const compared: readonly Compared[] = [
  {
    name: "Rosenbrock, 2 variables",
    f: valley,
    starts: startsIn(2, [-2, -1], [2, 3]),
    scipy: [29, 24, 43, 43, 25, 51, 28, 29, 45, 26],
    differences: [145, 120, 215, 215, 125, 255, 140, 145, 225, 130],
    found: new Array(10).fill([1, 1, 0]),
  },
  {
    name: "Rosenbrock, 10",
    f: valley,
    starts: startsIn(10, [-2, -1], [2, 3]),
    scipy: [81, 60, 93, 89, 80, 86, 95, 38, 69, 83],
    differences: [1701, 1218, 1953, 1932, 1680, 1869, 1995, 798, 1449, 1743],
    found: [
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [-0.9933, 0.9966, 3.986579],
      [1, 1, 0],
    ],
  },
  {
    name: "Rosenbrock, 100",
    f: valley,
    starts: startsIn(100, [-2, -1], [2, 3]),
    scipy: [613, 634, 647, 633, 606, 619, 606, 147, 610, 610],
    differences: [125625, 127635, 128640, 126228, 120198, 124419, 120399, 28542, 123414, 122007],
    found: [
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [1, 1, 0],
      [-0.9933, 0.9967, 3.986624],
      [1, 1, 0],
      [1, 1, 0],
      [-0.9933, 0.9967, 3.986624],
      [1, 1, 0],
    ],
  },
  {
    name: "Beale",
    f: beale,
    starts: startsIn(2, [-1, -1], [4.5, 1]),
    scipy: [14, 16, 14, 14, 14, 15, 14, 23, 13, 16],
    differences: [70, 80, 70, 70, 70, 75, 70, 115, 65, 80],
    found: new Array(10).fill([3, 0.5, 0]),
  },
  {
    name: "Booth",
    f: booth,
    starts: startsIn(2, [-10, -10], [10, 10]),
    scipy: [6, 7, 6, 6, 9, 9, 8, 6, 5, 6],
    differences: [30, 35, 30, 30, 45, 45, 40, 30, 25, 30],
    found: new Array(10).fill([1, 3, 0]),
  },
  {
    name: "Himmelblau",
    f: himmelblau,
    starts: startsIn(2, [-5, -5], [5, 5]),
    scipy: [12, 10, 8, 16, 9, 7, 14, 11, 14, 13],
    differences: [60, 50, 40, 80, 45, 35, 70, 55, 70, 65],
    found: [
      [-3.7793, -3.2832, 0],
      [3, 2, 0],
      [-3.7793, -3.2832, 0],
      [-2.8051, 3.1313, 0],
      [3.5844, -1.8481, 0],
      [-2.8051, 3.1313, 0],
      [3.5844, -1.8481, 0],
      [3, 2, 0],
      [-3.7793, -3.2832, 0],
      [3, 2, 0],
    ],
  },
];
