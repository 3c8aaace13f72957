// A vector times a matrix: products of one row or one column, which no register tile suits. As in all matrix products, each
// element is one running sum from +0 in the order of k, but for `dots` in the relaxed build.
import { add, BYTES, load, madd, store } from "../lane";

const BLOCK: i32 = 1024; // 4 KiB of sums in working memory stay in the L1 cache, and fit into ASIDE of gemm.ts
/**
 * Elements of a matrix (12 MiB) that the last cache holds. Rows of a larger one come from memory, and are fastest as a single
 * stream, which the prefetcher follows; in four streams, x and the sums are read less often.
 */
const CACHED: i64 = 3 << 20;
/** Columns of this length, in `dots`, are taken one by one. By the length alone: where n is cut must not change a bit. */
const LONG: i32 = 2048;

/**
 * y [n] = x [k] * B (+ y). Element (p, j) of B is at b + p * line + j * next, and one of the two is 4: rows or columns
 * of B are contiguous. stepX, nextY: bytes from one element to the next. free: whether the relaxed build may sum in another
 * order. work: 4 KiB.
 */
export function vectorTimes(
  n: i32, k: i32, x: usize, stepX: usize, b: usize, line: usize, next: usize, y: usize, nextY: usize,
  accumulate: i32, free: bool, work: usize,
): void {
  // Sums in y itself, so that a row of B is read from end to end; in blocks, the prefetcher would stop at the end of each.
  if (next === 4 && nextY === 4 && !accumulate) {
    rows(n, k, x, stepX, b, line, y, <i64>n * k > CACHED && line === <usize>n << 2);
    return;
  }
  for (let j0 = 0; j0 < n; j0 += BLOCK) {
    const count = min(n - j0, BLOCK);
    const from = b + <usize>j0 * next;
    if (next === 4) rows(count, k, x, stepX, from, line, work, false);
    else if (ASC_FEATURE_RELAXED_SIMD && free && stepX === 4) dots(count, k, x, from, next, work);
    else columns(count, k, x, stepX, from, next, work);
    for (let j = 0, at = work, to = y + <usize>j0 * nextY; j < count; j++, at += 4, to += nextY) {
      const sum = f32.load(at);
      f32.store(to, accumulate ? f32.load(to) + sum : sum);
    }
  }
}

/** Rows of B are contiguous: adds them to all sums, four at a time or one by one. */
function rows(n: i32, k: i32, x: usize, stepX: usize, b: usize, line: usize, sums: usize, single: bool): void {
  memory.fill(sums, 0, <usize>n << 2);
  if (!single) for (; k >= 4; k -= 4, b += 4 * line, x += 4 * stepX) fourRows(n, x, stepX, b, line, sums);
  for (; k > 0; k--, b += line, x += stepX) oneRow(n, x, b, sums);
}

/**
 * Two vectors at a time: 3 to 8 % less time than one. Eight rows take 0.95 of the time in the strict build, and 1.35 in the
 * relaxed one, where a sum is a chain of eight that each take four cycles.
 */
function fourRows(n: i32, x: usize, stepX: usize, b: usize, line: usize, sums: usize): void {
  const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
  const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
  let b1 = b + line, b2 = b1 + line, b3 = b2 + line;
  const end = sums + (<usize>n << 2), pairs = sums + (<usize>(n & ~7) << 2);
  for (; sums < pairs; sums += 32, b += 32, b1 += 32, b2 += 32, b3 += 32) {
    let s = madd(x0, load(b), load(sums)), t = madd(x0, v128.load(b, 16), v128.load(sums, 16));
    s = madd(x1, load(b1), s); t = madd(x1, v128.load(b1, 16), t);
    s = madd(x2, load(b2), s); t = madd(x2, v128.load(b2, 16), t);
    store(sums, madd(x3, load(b3), s));
    v128.store(sums, madd(x3, v128.load(b3, 16), t), 16);
  }
  for (; sums < end; sums += 4, b += 4, b1 += 4, b2 += 4, b3 += 4) {
    let s = madd(x0, v128.load32_zero(b), v128.load32_zero(sums));
    s = madd(x1, v128.load32_zero(b1), s);
    s = madd(x2, v128.load32_zero(b2), s);
    v128.store32_lane(sums, madd(x3, v128.load32_zero(b3), s), 0);
  }
}

function oneRow(n: i32, x: usize, b: usize, sums: usize): void {
  const x0 = v128.load32_splat(x), end = sums + (<usize>n << 2), fours = sums + (<usize>(n & ~15) << 2);
  for (; sums < fours; sums += 64, b += 64) {
    store(sums, madd(x0, load(b), load(sums)));
    v128.store(sums, madd(x0, v128.load(b, 16), v128.load(sums, 16)), 16);
    v128.store(sums, madd(x0, v128.load(b, 32), v128.load(sums, 32)), 32);
    v128.store(sums, madd(x0, v128.load(b, 48), v128.load(sums, 48)), 48);
  }
  for (; sums < end; sums += 4, b += 4) {
    v128.store32_lane(sums, madd(x0, v128.load32_zero(b), v128.load32_zero(sums)), 0);
  }
}

/** Columns of B are contiguous: sixteen or twelve outputs at a time, transposed in registers in squares of four by four. */
function columns(n: i32, k: i32, x: usize, stepX: usize, b: usize, next: usize, sums: usize): void {
  // Four running sums hide the latency of one: 30 % less time than three. But sixteen rows that are whole pages apart share
  // a set of the L1 cache, which has eight to twelve ways: 15 % more time than twelve rows.
  const wide = next & 4095 ? 16 : 12;
  for (; n >= wide; n -= wide, b += <usize>wide * next, sums += <usize>wide << 2) {
    if (wide === 16) wide16(k, x, stepX, b, next, sums);
    else wide12(k, x, stepX, b, next, sums);
  }
  if (n === 0) return;
  memory.fill(sums, 0, (<usize>n + 3) << 2);
  fours(n, k, x, stepX, b, next, sums);
}

function wide16(k: i32, x: usize, stepX: usize, b: usize, next: usize, sums: usize): void {
  let s = f32x4.splat(0), t = s, u = s, v = s;
  let b4 = b + 4 * next, b8 = b + 8 * next, b12 = b + 12 * next;
  for (; k >= 4; k -= 4, x += 4 * stepX, b += BYTES, b4 += BYTES, b8 += BYTES, b12 += BYTES) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
    const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
    s = square(x0, x1, x2, x3, b, b + next, b + 2 * next, b + 3 * next, s);
    t = square(x0, x1, x2, x3, b4, b4 + next, b4 + 2 * next, b4 + 3 * next, t);
    u = square(x0, x1, x2, x3, b8, b8 + next, b8 + 2 * next, b8 + 3 * next, u);
    v = square(x0, x1, x2, x3, b12, b12 + next, b12 + 2 * next, b12 + 3 * next, v);
  }
  store(sums, s);
  store(sums + BYTES, t);
  store(sums + 2 * BYTES, u);
  store(sums + 3 * BYTES, v);
  if (k > 0) fours(16, k, x, stepX, b, next, sums);
}

function wide12(k: i32, x: usize, stepX: usize, b: usize, next: usize, sums: usize): void {
  let s = f32x4.splat(0), t = s, u = s;
  let b4 = b + 4 * next, b8 = b + 8 * next;
  for (; k >= 4; k -= 4, x += 4 * stepX, b += BYTES, b4 += BYTES, b8 += BYTES) {
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + stepX);
    const x2 = v128.load32_splat(x + 2 * stepX), x3 = v128.load32_splat(x + 3 * stepX);
    s = square(x0, x1, x2, x3, b, b + next, b + 2 * next, b + 3 * next, s);
    t = square(x0, x1, x2, x3, b4, b4 + next, b4 + 2 * next, b4 + 3 * next, t);
    u = square(x0, x1, x2, x3, b8, b8 + next, b8 + 2 * next, b8 + 3 * next, u);
  }
  store(sums, s);
  store(sums + BYTES, t);
  store(sums + 2 * BYTES, u);
  if (k > 0) fours(12, k, x, stepX, b, next, sums);
}

/** Continues sums, four at a time; missing columns in the last four repeat the last one. */
function fours(n: i32, k: i32, x: usize, stepX: usize, b: usize, next: usize, sums: usize): void {
  for (const last = b + <usize>(n - 1) * next; n > 0; n -= 4, b += 4 * next, sums += BYTES) {
    let s = load(sums), left = k, at = x;
    let q0 = b, q1 = min(b + next, last), q2 = min(q1 + next, last), q3 = min(q2 + next, last);
    for (; left >= 4; left -= 4, at += 4 * stepX, q0 += BYTES, q1 += BYTES, q2 += BYTES, q3 += BYTES) {
      const x0 = v128.load32_splat(at), x1 = v128.load32_splat(at + stepX);
      const x2 = v128.load32_splat(at + 2 * stepX), x3 = v128.load32_splat(at + 3 * stepX);
      s = square(x0, x1, x2, x3, q0, q1, q2, q3, s);
    }
    for (; left > 0; left--, at += stepX, q0 += 4, q1 += 4, q2 += 4, q3 += 4) {
      let column = v128.load32_lane(q1, v128.load32_zero(q0), 1);
      column = v128.load32_lane(q2, column, 2);
      s = madd(v128.load32_splat(at), v128.load32_lane(q3, column, 3), s);
    }
    store(sums, s);
  }
}

/** s + x * B for a square of four columns of B, in the order of k. */
@inline
function square(
  x0: v128, x1: v128, x2: v128, x3: v128, b0: usize, b1: usize, b2: usize, b3: usize, s: v128,
): v128 {
  const r0 = load(b0), r1 = load(b1), r2 = load(b2), r3 = load(b3);
  const low = i32x4.shuffle(r0, r1, 0, 4, 1, 5), low2 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high = i32x4.shuffle(r0, r1, 2, 6, 3, 7), high2 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  s = madd(x0, i64x2.shuffle(low, low2, 0, 2), s);
  s = madd(x1, i64x2.shuffle(low, low2, 1, 3), s);
  s = madd(x2, i64x2.shuffle(high, high2, 0, 2), s);
  return madd(x3, i64x2.shuffle(high, high2, 1, 3), s);
}

/**
 * Columns of B are contiguous, and so is x; the relaxed build only, whose sums may have any order. Four columns at a time, for
 * which x is read once: 0.6 of the time that one takes at 256, 0.8 at 1,728. Long columns mostly come from memory, and go one
 * by one: a single stream takes 0.75 to 0.9 of the time of four at 2,048. Missing columns in the last four repeat the last one.
 */
function dots(n: i32, k: i32, x: usize, b: usize, next: usize, sums: usize): void {
  if (k >= LONG) {
    for (; n > 0; n--, b += next, sums += 4) f32.store(sums, dot(k, x, b));
    return;
  }
  for (const last = b + <usize>(n - 1) * next; n > 0; n -= 4, b += 4 * next, sums += BYTES) {
    const b1 = min(b + next, last), b2 = min(b1 + next, last), b3 = min(b2 + next, last);
    store(sums, fourDots(k, x, b, b1, b2, b3));
  }
}

/** In 32 running sums, eight for each column. */
@inline
function fourDots(k: i32, p: usize, q: usize, q1: usize, q2: usize, q3: usize): v128 {
  const eights = p + (<usize>(k & ~7) << 2), end = p + (<usize>k << 2);
  let s = f32x4.splat(0), t = s, u = s, v = s, s2 = s, t2 = s, u2 = s, v2 = s;
  for (; p < eights; p += 32, q += 32, q1 += 32, q2 += 32, q3 += 32) {
    let a = load(p);
    s = madd(a, load(q), s); t = madd(a, load(q1), t); u = madd(a, load(q2), u); v = madd(a, load(q3), v);
    a = v128.load(p, 16);
    s2 = madd(a, v128.load(q, 16), s2); t2 = madd(a, v128.load(q1, 16), t2);
    u2 = madd(a, v128.load(q2, 16), u2); v2 = madd(a, v128.load(q3, 16), v2);
  }
  for (; p < end; p += 4, q += 4, q1 += 4, q2 += 4, q3 += 4) {
    const a = v128.load32_zero(p);
    s = madd(a, v128.load32_zero(q), s); t = madd(a, v128.load32_zero(q1), t);
    u = madd(a, v128.load32_zero(q2), u); v = madd(a, v128.load32_zero(q3), v);
  }
  s = add(s, s2); t = add(t, t2); u = add(u, u2); v = add(v, v2);
  const low = i32x4.shuffle(s, t, 0, 4, 1, 5), low2 = i32x4.shuffle(u, v, 0, 4, 1, 5);
  const high = i32x4.shuffle(s, t, 2, 6, 3, 7), high2 = i32x4.shuffle(u, v, 2, 6, 3, 7);
  s = add(i64x2.shuffle(low, low2, 0, 2), i64x2.shuffle(low, low2, 1, 3));
  return add(s, add(i64x2.shuffle(high, high2, 0, 2), i64x2.shuffle(high, high2, 1, 3)));
}

/** In 32 running sums. */
@inline
function dot(k: i32, p: usize, q: usize): f32 {
  const wide = p + (<usize>(k & ~31) << 2), fours = p + (<usize>(k & ~3) << 2), end = p + (<usize>k << 2);
  let s = f32x4.splat(0), t = s, u = s, v = s, s2 = s, t2 = s, u2 = s, v2 = s;
  for (; p < wide; p += 128, q += 128) {
    s = madd(load(p), load(q), s);
    t = madd(v128.load(p, 16), v128.load(q, 16), t);
    u = madd(v128.load(p, 32), v128.load(q, 32), u);
    v = madd(v128.load(p, 48), v128.load(q, 48), v);
    s2 = madd(v128.load(p, 64), v128.load(q, 64), s2);
    t2 = madd(v128.load(p, 80), v128.load(q, 80), t2);
    u2 = madd(v128.load(p, 96), v128.load(q, 96), u2);
    v2 = madd(v128.load(p, 112), v128.load(q, 112), v2);
  }
  for (; p < fours; p += BYTES, q += BYTES) s = madd(load(p), load(q), s);
  for (; p < end; p += 4, q += 4) t = madd(v128.load32_zero(p), v128.load32_zero(q), t);
  s = add(add(add(s, s2), add(t, t2)), add(add(u, u2), add(v, v2)));
  s = add(s, i64x2.shuffle(s, s, 1, 0));
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1);
}
