// Element-wise kernels over up to three arrays, shared by all parts of the library. Like the update kernels, they need
// no code for a tail: n is rounded up to a multiple of four vectors, and they may write anything into the padding.
import { abs, add, BYTES, div, load, lt, max, mul, neg, pmax, pmin, select, splat, store, sub } from "./lane";

/** x = value */
export function fill(n: i32, x: usize, value: f32): void {
  const v = splat(value);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(x + i, v);
    i += BYTES;
  } while (i < end);
}

/** y = x */
export function copy(n: i32, x: usize, y: usize): void {
  memory.copy(y, x, (<usize>n) << 2);
}

/** x = s * x */
export function scale(n: i32, x: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(x + i, mul(S, load(x + i)));
    i += BYTES;
  } while (i < end);
}

/** y = y + s * x */
export function axpy(n: i32, x: usize, y: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, add(load(y + i), mul(S, load(x + i))));
    i += BYTES;
  } while (i < end);
}

/** z = x - y */
export function subtract(n: i32, x: usize, y: usize, z: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(z + i, sub(load(x + i), load(y + i)));
    i += BYTES;
  } while (i < end);
}

/** x = x clamped to [-limit, limit]; NaN stays NaN. */
export function clamp(n: i32, x: usize, limit: f32): void {
  const L = splat(limit);
  const M = neg(L);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(x + i, pmax(pmin(load(x + i), L), M));
    i += BYTES;
  } while (i < end);
}

/** z = x * y */
export function multiply(n: i32, x: usize, y: usize, z: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(z + i, mul(load(x + i), load(y + i)));
    i += BYTES;
  } while (i < end);
}

/** y = y + w * (x - y): a weighted mean, which is exactly y where x equals y. */
export function lerp(n: i32, x: usize, y: usize, w: f32): void {
  const W = splat(w);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(y + i);
    store(y + i, add(v, mul(W, sub(load(x + i), v))));
    i += BYTES;
  } while (i < end);
}

/** Exchanges x and y. */
export function swap(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const held = load(x + i);
    store(x + i, load(y + i));
    store(y + i, held);
    i += BYTES;
  } while (i < end);
}

/** y = y + s * y² * x: the ascent step of adaptive sharpness-aware minimisation, which scales by the weights. */
export function axpySquare(n: i32, x: usize, y: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(y + i);
    store(y + i, add(v, mul(S, mul(mul(v, v), load(x + i)))));
    i += BYTES;
  } while (i < end);
}

/**
 * Replaces the norms g of gradients by the factors that clip these gradients to norms of clipping * max(p, eps), with p
 * the norms of the parameters. The factor is 1 for a norm below that limit.
 */
export function clipRatios(n: i32, p: usize, g: usize, clipping: f32, eps: f32): void {
  const C = splat(clipping);
  const E = splat(eps);
  const one = splat(1);
  const floor = splat(1e-6);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const norm = load(g + i);
    const most = mul(C, max(load(p + i), E));
    store(g + i, select(lt(norm, most), one, div(most, max(norm, floor))));
    i += BYTES;
  } while (i < end);
}

/**
 * x = 0 where |x| < 2^-100. Otherwise moving averages of zeros decay to subnormal numbers, on which arithmetic is 25 to
 * 37 times slower.
 */
export function flush(n: i32, x: usize): void {
  const limit = splat(7.888609052210118e-31);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(x + i, select(lt(abs(v), limit), splat(0), v));
    i += BYTES;
  } while (i < end);
}
