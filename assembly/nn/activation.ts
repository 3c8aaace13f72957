// Activations whose derivative can be computed from their output, forward and backward. A backward kernel takes the
// output y and the gradient d with respect to y, and overwrites d with the gradient with respect to the input x:
// d = d * f'(x).
// Activations whose backward kernel needs the input are in smoothActivation.ts.
import { add, BYTES, gt, load, mul, positive, select, splat, store, sub, where } from "../lane";
import * as math from "../math";

/** y = max(x, 0), NaN for NaN */
export function relu(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, positive(load(x + i)));
    i += BYTES;
  } while (i < end);
}

/** d = y > 0 ? d : 0: the derivative at 0 is 0 */
export function reluBackward(n: i32, y: usize, d: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(d + i, where(gt(load(y + i), splat(0)), load(d + i)));
    i += BYTES;
  } while (i < end);
}

/** y = max(y + x, 0) for every row: adds a bias and applies ReLU in one traversal. columns: a multiple of 16. */
export function addRowRelu(rows: i32, columns: i32, x: usize, y: usize): void {
  const end = (<usize>columns) << 2;
  for (let r = 0; r < rows; r++, y += end) {
    let i: usize = 0;
    do {
      store(y + i, positive(add(load(y + i), load(x + i))));
      i += BYTES;
    } while (i < end);
  }
}

/**
 * The backward pass of `addRowRelu`: d = y > 0 ? d : 0, and sums[j] = sums[j] + (the sum of the new d[row][j] over the
 * rows, in their order, from +0). Works on four vectors at a time, which is one cache line. With two, lines are evicted
 * from the cache between their halves if the length of a row is a power of 2 (65 µs compared with 24 for 128 x 512).
 * columns: a multiple of 16.
 */
export function reluBackwardRowSums(rows: i32, columns: i32, y: usize, d: usize, sums: usize): void {
  const line = (<usize>columns) << 2;
  const zero = splat(0);
  for (let j = 0; j < columns; j += 16, y += 64, d += 64, sums += 64) {
    let s0 = zero,
      s1 = zero,
      s2 = zero,
      s3 = zero;
    for (let r = 0, p = y, q = d; r < rows; r++, p += line, q += line) {
      const d0 = where(gt(load(p), zero), load(q)),
        d1 = where(gt(load(p + 16), zero), load(q + 16)),
        d2 = where(gt(load(p + 32), zero), load(q + 32)),
        d3 = where(gt(load(p + 48), zero), load(q + 48));
      store(q, d0);
      store(q + 16, d1);
      store(q + 32, d2);
      store(q + 48, d3);
      s0 = add(s0, d0);
      s1 = add(s1, d1);
      s2 = add(s2, d2);
      s3 = add(s3, d3);
    }
    store(sums, add(load(sums), s0));
    store(sums + 16, add(load(sums + 16), s1));
    store(sums + 32, add(load(sums + 32), s2));
    store(sums + 48, add(load(sums + 48), s3));
  }
}

/** y = x > 0 ? x : slope * x */
export function leakyRelu(n: i32, x: usize, y: usize, slope: f32): void {
  const S = splat(slope);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(y + i, select(gt(v, splat(0)), v, mul(S, v)));
    i += BYTES;
  } while (i < end);
}

/** d = y > 0 ? d : slope * d, for slope >= 0, so that y > 0 exactly where x > 0 */
export function leakyReluBackward(n: i32, y: usize, d: usize, slope: f32): void {
  const S = splat(slope);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const g = load(d + i);
    store(d + i, select(gt(load(y + i), splat(0)), g, mul(S, g)));
    i += BYTES;
  } while (i < end);
}

/** y = x > 0 ? scale * x : low * (e^x - 1), with low = scale * alpha; scale is 1 for ELU, and SELU has its own */
export function elu(n: i32, x: usize, y: usize, scale: f32, low: f32): void {
  const S = splat(scale),
    L = splat(low);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(y + i, select(gt(v, splat(0)), mul(S, v), mul(L, math.expm1(v))));
    i += BYTES;
  } while (i < end);
}

/** d = d * (y > 0 ? scale : y + low), for low >= 0, since the derivative low * e^x is y + low */
export function eluBackward(n: i32, y: usize, d: usize, scale: f32, low: f32): void {
  const S = splat(scale),
    L = splat(low);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const s = load(y + i);
    store(d + i, mul(load(d + i), select(gt(s, splat(0)), S, add(s, L))));
    i += BYTES;
  } while (i < end);
}

/** y = 1 / (1 + e^-x) */
export function sigmoid(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, math.sigmoid(load(x + i)));
    i += BYTES;
  } while (i < end);
}

/** d = d * y * (1 - y) */
export function sigmoidBackward(n: i32, y: usize, d: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const s = load(y + i);
    store(d + i, mul(load(d + i), mul(s, sub(splat(1), s))));
    i += BYTES;
  } while (i < end);
}

/** y = tanh x */
export function tanh(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, math.tanh(load(x + i)));
    i += BYTES;
  } while (i < end);
}

/** d = d * (1 - y^2) */
export function tanhBackward(n: i32, y: usize, d: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const s = load(y + i);
    store(d + i, mul(load(d + i), sub(splat(1), mul(s, s))));
    i += BYTES;
  } while (i < end);
}
