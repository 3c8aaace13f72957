import { addRow } from "./rows";

// Passes over a tensor of f32 [before, n, after] that have f64 beside it. The rules: src/linalg/modes.ts.

/** c[i] = decay c[i] + alpha times the sum of squares of slice i. */
export function squaresMode(before: i32, n: i32, after: i32, g: usize, c: usize, decay: f64, alpha: f64): void {
  const slice = (<usize>after) << 2,
    step = <usize>n * slice;
  for (let i = 0; i < n; i++, g += slice, c += 8) {
    let sum: f64 = 0;
    for (let a = 0, from = g; a < before; a++, from += step) {
      for (let at = from, end = from + slice; at < end; at += 4) {
        const x = <f64>f32.load(at);
        sum += x * x;
      }
    }
    f64.store(c, decay * f64.load(c) + alpha * sum);
  }
}

/** Slice i of x times factors[i]. */
export function scaleMode(before: i32, n: i32, after: i32, factors: usize, x: usize): void {
  const slice = (<usize>after) << 2;
  for (let a = 0; a < before; a++) {
    for (let i = 0; i < n; i++) {
      const factor = f32.load(factors + ((<usize>i) << 2));
      for (const end = x + slice; x < end; x += 4) f32.store(x, factor * f32.load(x));
    }
  }
}

/** s += g², and returns the sum of g² / s, that is the square of the norm of AdaGrad's direction. */
export function adagradSquare(n: i32, g: usize, s: usize): f64 {
  let total: f64 = 0;
  for (const end = s + ((<usize>n) << 3); s < end; s += 8, g += 4) {
    const x = <f64>f32.load(g),
      square = x * x,
      sum = f64.load(s) + square;
    f64.store(s, sum);
    if (sum !== 0) total += square / sum;
  }
  return total;
}

/** y = x, rounded to f32. */
export function roundDoubles(n: i32, x: usize, y: usize): void {
  for (const end = x + ((<usize>n) << 3); x < end; x += 8, y += 4) f32.store(y, <f32>f64.load(x));
}

/** y = a x, rounded to f32 at the end, for a symmetric a [n, n] of f64. work: n numbers. */
export function symmetricTimes(n: i32, a: usize, x: usize, work: usize, y: usize): void {
  memory.fill(work, 0, (<usize>n) << 3);
  for (let k = 0; k < n; k++, a += (<usize>n) << 3) addRow(n, <f64>f32.load(x + ((<usize>k) << 2)), a, work);
  roundDoubles(n, work, y);
}
