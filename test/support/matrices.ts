/** Square matrices for the tests of src/linalg/, row-major, and what is measured on them. */
import type { EngineCore } from "../../src/engine/core.js";
import { Doubles } from "../../src/engine/doubles.js";
import { numbers } from "./numbers.js";

export const EPS = 2 ** -52;

/** C = A B for plain arrays, or A Bᵀ: three loops that share nothing with the library. */
export function times(n: number, a: ArrayLike<number>, b: ArrayLike<number>, transposeB = false): Float64Array {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += a[i * n + k] * (transposeB ? b[j * n + k] : b[k * n + j]);
      c[i * n + j] = sum;
    }
  }
  return c;
}

export const identity = (n: number): Float64Array => diagonal(new Array(n).fill(1));

export function diagonal(values: readonly number[]): Float64Array {
  const n = values.length;
  return Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? values[k / (n + 1)] : 0));
}

/** The largest sum of magnitudes in a row: a norm that no eigenvalue exceeds. */
export function norm(n: number, a: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += Math.abs(a[i * n + j]);
    most = Math.max(most, sum);
  }
  return most;
}

export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0);

/** The symmetric matrix with these numbers in its triangle up to the diagonal. */
export function symmetric(n: number, of: (i: number, j: number) => number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = of(i, j);
  return a;
}

export const hilbert = (n: number): Float64Array => symmetric(n, (i, j) => 1 / (i + j + 1));

/** Numbers in [-1, 1), every bit of an f64 in play. */
function uniform(length: number, seed: number): Float64Array {
  const next = numbers(seed);
  return Float64Array.from({ length }, () => 2 * (next() + next() / 2 ** 32) - 1);
}

/** Of numbers in [-1, 1). */
export function random(n: number, seed: number): Float64Array {
  const x = uniform(n * n, seed);
  return symmetric(n, (i, j) => x[i * n + j]);
}

/** X Xᵀ of rank `rank`, with such numbers in X [n, rank]. */
export function gram(n: number, rank: number, seed: number): Float64Array {
  const x = uniform(n * rank, seed);
  return symmetric(n, (i, j) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += x[i * rank + k] * x[j * rank + k];
    return sum;
  });
}

/** Matrices by name, of every kind that a decomposition meets. */
export const special: Readonly<Record<string, (n: number) => Float64Array>> = {
  zero: (n) => new Float64Array(n * n),
  identity,
  diagonal: (n) => diagonal(Array.from({ length: n }, (_, i) => ((i * 7) % n) - n / 3)),
  ones: (n) => symmetric(n, () => 1),
  hilbert,
  "second difference": (n) => symmetric(n, (i, j) => (i === j ? 2 : i === j + 1 ? -1 : 0)),
  graded: (n) => symmetric(n, (i, j) => 10 ** -((i + j) / 2)),
  "graded the other way": (n) => symmetric(n, (i, j) => 10 ** -((2 * n - i - j) / 2)),
  "rank 2": (n) => gram(n, 2, n),
  "two blocks": (n) => symmetric(n, (i, j) => (i < n / 2 === j < n / 2 ? 1 / (1 + i - j) : 0)),
  huge: (n) => random(n, n).map((x) => x * 1e300),
  tiny: (n) => random(n, n).map((x) => x * 1e-300),
  subnormal: (n) => random(n, n).map((x) => x * 1e-312),
};

/** An array in the engine's memory. */
export function doubles(engine: EngineCore, values: ArrayLike<number>): Doubles {
  const made = new Doubles(engine, [values.length]);
  made.data.set(values);
  return made;
}
