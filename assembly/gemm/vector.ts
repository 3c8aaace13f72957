// A vector times a matrix: products of one row, or of one column, which no register tile suits. Like all products each
// element is one running sum from +0 in the order of k. The sums of up to BLOCK outputs stand in working memory first.
import { BYTES, load, madd, store } from "../lane";

const BLOCK: i32 = 1024; // 4 KiB of sums stay in the L1 cache, and fit into the bytes that gemm keeps aside

/**
 * y [n] = x [k] * B (+ y). Element (p, j) of B stands at b + p * line + j * next, and one of the two is 4: rows or columns
 * of B are contiguous. stepX, nextY: bytes from one element to the next. work: 4 KiB.
 */
export function vectorTimes(
  n: i32, k: i32, x: usize, stepX: usize, b: usize, line: usize, next: usize, y: usize, nextY: usize,
  accumulate: i32, work: usize,
): void {
  for (let j0 = 0; j0 < n; j0 += BLOCK) {
    const count = min(n - j0, BLOCK);
    const from = b + <usize>j0 * next;
    if (next === 4) rows(count, k, x, stepX, from, line, work);
    else columns(count, k, x, stepX, from, line, next, work);
    for (let j = 0, at = work, to = y + <usize>j0 * nextY; j < count; j++, at += 4, to += nextY) {
      const sum = f32.load(at);
      f32.store(to, accumulate ? f32.load(to) + sum : sum);
    }
  }
}

/** Outputs stand side by side in B: four rows at a time run over all sums. */
function rows(n: i32, k: i32, x: usize, stepX: usize, b: usize, line: usize, sums: usize): void {
  const whole = <usize>(n & ~3) << 2, all = <usize>n << 2;
  memory.fill(sums, 0, all);
  let p = 0;
  for (; p + 4 <= k; p += 4, b += 4 * line, x += 4 * stepX) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
    const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
    const b1 = b + line, b2 = b1 + line, b3 = b2 + line;
    for (let j: usize = 0; j < whole; j += BYTES) {
      let s = madd(x0, load(b + j), load(sums + j));
      s = madd(x1, load(b1 + j), s);
      s = madd(x2, load(b2 + j), s);
      store(sums + j, madd(x3, load(b3 + j), s));
    }
    for (let j = whole; j < all; j += 4) {
      let s = madd(x0, v128.load32_zero(b + j), v128.load32_zero(sums + j));
      s = madd(x1, v128.load32_zero(b1 + j), s);
      s = madd(x2, v128.load32_zero(b2 + j), s);
      v128.store32_lane(sums + j, madd(x3, v128.load32_zero(b3 + j), s), 0);
    }
  }
  for (; p < k; p++, b += line, x += stepX) {
    const x0 = v128.load32_splat(x);
    for (let j: usize = 0; j < whole; j += BYTES) store(sums + j, madd(x0, load(b + j), load(sums + j)));
    for (let j = whole; j < all; j += 4) {
      v128.store32_lane(sums + j, madd(x0, v128.load32_zero(b + j), v128.load32_zero(sums + j)), 0);
    }
  }
}

/** k runs side by side in B: twelve outputs at a time, turned over in registers in squares of four by four. */
function columns(n: i32, k: i32, x: usize, stepX: usize, b: usize, line: usize, next: usize, sums: usize): void {
  let j = 0;
  if (line === 4) {
    for (; j + WIDE <= n; j += WIDE, b += <usize>WIDE * next, sums += <usize>WIDE << 2) wide(k, x, stepX, b, next, sums);
  }
  for (; j < n; j++, b += next, sums += 4) v128.store32_lane(sums, rest(k, x, stepX, b, line, f32x4.splat(0)), 0);
}

/** Three running sums of four outputs hide most of the latency of one; four would share a set of the L1 cache too many. */
const WIDE: i32 = 12;

function wide(k: i32, x: usize, stepX: usize, b: usize, next: usize, sums: usize): void {
  let s = f32x4.splat(0), t = s, u = s;
  const b4 = b + 4 * next, b8 = b + 8 * next;
  let p = 0, q: usize = 0;
  for (; p + 4 <= k; p += 4, q += BYTES, x += 4 * stepX) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
    const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
    s = square(x0, x1, x2, x3, b + q, next, s);
    t = square(x0, x1, x2, x3, b4 + q, next, t);
    u = square(x0, x1, x2, x3, b8 + q, next, u);
  }
  store(sums, s);
  store(sums + BYTES, t);
  store(sums + 2 * BYTES, u);
  if (p === k) return;
  for (let j = 0; j < WIDE; j++, sums += 4, b += next) {
    v128.store32_lane(sums, rest(k - p, x, stepX, b + q, 4, v128.load32_zero(sums)), 0);
  }
}

/** s + x * B for four rows of four at b, from the first column to the last. */
@inline
function square(x0: v128, x1: v128, x2: v128, x3: v128, b: usize, next: usize, s: v128): v128 {
  const r0 = load(b), r1 = load(b + next), r2 = load(b + 2 * next), r3 = load(b + 3 * next);
  const low = i32x4.shuffle(r0, r1, 0, 4, 1, 5), low2 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high = i32x4.shuffle(r0, r1, 2, 6, 3, 7), high2 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  s = madd(x0, i64x2.shuffle(low, low2, 0, 2), s);
  s = madd(x1, i64x2.shuffle(low, low2, 1, 3), s);
  s = madd(x2, i64x2.shuffle(high, high2, 0, 2), s);
  return madd(x3, i64x2.shuffle(high, high2, 1, 3), s);
}

/** One sum taken further, one element at a time. */
function rest(k: i32, x: usize, stepX: usize, b: usize, line: usize, s: v128): v128 {
  for (; k > 0; k--, x += stepX, b += line) s = madd(v128.load32_zero(x), v128.load32_zero(b), s);
  return s;
}
