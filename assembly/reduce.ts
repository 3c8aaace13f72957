// Sums in f64, in a fixed order, so that the bits depend on the data alone. The data is summed in blocks of BLOCK
// elements. Within a block, element i is added to lane i mod 8, and the lanes combine as ((0+4)+(2+6)) + ((1+5)+(3+7)).
// The sums of blocks are added in order.
// f64 is as fast as f32 here, because loads are the limit, and a norm over 1e6 elements keeps every digit.
// Padding may hold anything and must not enter a sum, so these kernels, unlike the element-wise ones, handle a tail.
import { BYTES, load } from "./lane";

const BLOCK: i32 = 4096;

/** The last 1 to 3 numbers at p, followed by zeros: adding +0 changes no sum. */
function loadTail(p: usize, count: i32): v128 {
  let x = v128.load32_zero(p);
  if (count > 1) x = v128.load32_lane(p + 4, x, 1);
  if (count > 2) x = v128.load32_lane(p + 8, x, 2);
  return x;
}

function low(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}
function high(x: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 0, 1));
}
function combine(s01: v128, s23: v128, s45: v128, s67: v128): f64 {
  const s = f64x2.add(f64x2.add(s01, s45), f64x2.add(s23, s67));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

/** Sum of x[i] * y[i]. */
export function dot(n: i32, x: usize, y: usize): f64 {
  let total: f64 = 0;
  while (n > 0) {
    let s01 = f64x2.splat(0), s23 = s01, s45 = s01, s67 = s01;
    let left = min(n, BLOCK);
    n -= left;
    for (; left >= 8; left -= 8, x += 32, y += 32) {
      const x0 = load(x), y0 = load(y), x1 = load(x + BYTES), y1 = load(y + BYTES);
      s01 = f64x2.add(s01, f64x2.mul(low(x0), low(y0)));
      s23 = f64x2.add(s23, f64x2.mul(high(x0), high(y0)));
      s45 = f64x2.add(s45, f64x2.mul(low(x1), low(y1)));
      s67 = f64x2.add(s67, f64x2.mul(high(x1), high(y1)));
    }
    if (left >= 4) {
      const x0 = load(x), y0 = load(y);
      s01 = f64x2.add(s01, f64x2.mul(low(x0), low(y0)));
      s23 = f64x2.add(s23, f64x2.mul(high(x0), high(y0)));
      left -= 4; x += BYTES; y += BYTES;
      if (left > 0) {
        const x1 = loadTail(x, left), y1 = loadTail(y, left);
        s45 = f64x2.add(s45, f64x2.mul(low(x1), low(y1)));
        s67 = f64x2.add(s67, f64x2.mul(high(x1), high(y1)));
      }
    } else if (left > 0) {
      const x0 = loadTail(x, left), y0 = loadTail(y, left);
      s01 = f64x2.add(s01, f64x2.mul(low(x0), low(y0)));
      s23 = f64x2.add(s23, f64x2.mul(high(x0), high(y0)));
    }
    total += combine(s01, s23, s45, s67);
  }
  return total;
}

/** Sum of x[i]. */
export function sum(n: i32, x: usize): f64 {
  return total(n, x, i32x4.splat(-1));
}

/** Sum of |x[i]|, with the sign bit masked off. */
export function sumAbs(n: i32, x: usize): f64 {
  return total(n, x, i32x4.splat(0x7fffffff));
}

/** Sum of x[i] with its bits masked by `mask`. */
function total(n: i32, x: usize, mask: v128): f64 {
  let total: f64 = 0;
  while (n > 0) {
    let s01 = f64x2.splat(0), s23 = s01, s45 = s01, s67 = s01;
    let left = min(n, BLOCK);
    n -= left;
    for (; left >= 8; left -= 8, x += 32) {
      const x0 = v128.and(load(x), mask), x1 = v128.and(load(x + BYTES), mask);
      s01 = f64x2.add(s01, low(x0));
      s23 = f64x2.add(s23, high(x0));
      s45 = f64x2.add(s45, low(x1));
      s67 = f64x2.add(s67, high(x1));
    }
    if (left >= 4) {
      const x0 = v128.and(load(x), mask);
      s01 = f64x2.add(s01, low(x0));
      s23 = f64x2.add(s23, high(x0));
      left -= 4; x += BYTES;
      if (left > 0) {
        const x1 = v128.and(loadTail(x, left), mask);
        s45 = f64x2.add(s45, low(x1));
        s67 = f64x2.add(s67, high(x1));
      }
    } else if (left > 0) {
      const x0 = v128.and(loadTail(x, left), mask);
      s01 = f64x2.add(s01, low(x0));
      s23 = f64x2.add(s23, high(x0));
    }
    total += combine(s01, s23, s45, s67);
  }
  return total;
}

/** The largest |x[i]|, or NaN if any x[i] is NaN. */
export function maxAbs(n: i32, x: usize): f64 {
  let most = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += BYTES) most = f32x4.max(most, f32x4.abs(load(x)));
  if (n > 0) most = f32x4.max(most, f32x4.abs(loadTail(x, n)));
  most = f32x4.max(most, i32x4.shuffle(most, most, 2, 3, 0, 1));
  most = f32x4.max(most, i32x4.shuffle(most, most, 1, 0, 3, 2));
  return <f64>f32x4.extract_lane(most, 0);
}
