// Packing: copies strips of op(A) or op(B) into panels, which a tile reads in one stream.
import { load, store } from "../lane";

/** Strips that are copied at the same time, so that a row is read in whole lines of the cache, two at a time. */
const STRIPS: usize = 4;

/**
 * Packs a block into strips of `width` (4, 6 or 8), one after another at `to`. Element (i, p) of the block is at
 * from + i * across + p * along (bytes), and one of the two strides is 4. A last strip that is not full is padded with
 * arbitrary values.
 */
export function packPanels(to: usize, width: i32, count: i32, k: i32, from: usize, across: usize, along: usize): void {
  const size = <usize>(width * k) << 2, step = <usize>width * across;
  const four = 4 * width;
  let left = count;
  if (across === 4) {
    for (; left >= four; left -= four, to += STRIPS * size, from += STRIPS * step) {
      copyStrips(to, width, k, from, along);
    }
  }
  for (; left > 0; left -= width, to += size, from += step) packPanel(to, width, min(left, width), k, from, across, along);
}

/** Packs one strip: copies element (i, p) to to[p * width + i], for i < count <= width. */
export function packPanel(to: usize, width: i32, count: i32, k: i32, from: usize, across: usize, along: usize): void {
  if (across !== 4) transpose(to, width, count, k, from, across);
  else if (count < width) copyRim(to, width, count, k, from, along);
  else copy(to, width, k, from, along);
}

/** Packs two columns twice: each row is both elements, and both again. */
export function packTwice(to: usize, k: i32, from: usize, across: usize, along: usize): void {
  for (; k > 0; k--, from += along, to += 16) {
    const two = v128.load32_lane(from + across, v128.load32_zero(from), 1);
    store(to, i64x2.shuffle(two, two, 0, 0));
  }
}

/** Packs four full strips at once, where elements are contiguous across. */
function copyStrips(to: usize, width: i32, k: i32, from: usize, along: usize): void {
  const stride = <usize>width << 2, size = stride * k;
  let t0 = to, t1 = t0 + size, t2 = t1 + size, t3 = t2 + size, q = from;
  if (width === 8) {
    for (; k > 0; k--, q += along, t0 += 32, t1 += 32, t2 += 32, t3 += 32) {
      store(t0, load(q));
      v128.store(t0, v128.load(q, 16), 16);
      v128.store(t1, v128.load(q, 32));
      v128.store(t1, v128.load(q, 48), 16);
      v128.store(t2, v128.load(q, 64));
      v128.store(t2, v128.load(q, 80), 16);
      v128.store(t3, v128.load(q, 96));
      v128.store(t3, v128.load(q, 112), 16);
    }
  } else if (width === 6) {
    for (; k > 0; k--, q += along, t0 += 24, t1 += 24, t2 += 24, t3 += 24) {
      store(t0, load(q));
      v128.store64_lane(t0, v128.load64_zero(q, 16), 0, 16);
      v128.store(t1, v128.load(q, 24));
      v128.store64_lane(t1, v128.load64_zero(q, 40), 0, 16);
      v128.store(t2, v128.load(q, 48));
      v128.store64_lane(t2, v128.load64_zero(q, 64), 0, 16);
      v128.store(t3, v128.load(q, 72));
      v128.store64_lane(t3, v128.load64_zero(q, 88), 0, 16);
    }
  } else {
    for (; k > 0; k--, q += along, t0 += 16, t1 += 16, t2 += 16, t3 += 16) {
      store(t0, load(q));
      store(t1, v128.load(q, 16));
      store(t2, v128.load(q, 32));
      store(t3, v128.load(q, 48));
    }
  }
}

function copy(to: usize, width: i32, k: i32, from: usize, along: usize): void {
  const stride = <usize>width << 2;
  for (; k > 0; k--, from += along, to += stride) {
    store(to, load(from));
    if (width === 8) v128.store(to, v128.load(from, 16), 16);
    else if (width === 6) v128.store64_lane(to, v128.load64_zero(from, 16), 0, 16);
  }
}

/** Packs a strip that is not full: `count` of each row, and reads nothing beyond them. */
function copyRim(to: usize, width: i32, count: i32, k: i32, from: usize, along: usize): void {
  const stride = <usize>width << 2;
  for (; k > 0; k--, from += along, to += stride) {
    if (count < 4) store(to, some(from, count));
    else {
      store(to, load(from));
      if (count > 4) v128.store64_lane(to, some(from + 16, count - 4), 0, 16);
      if (count > 6) v128.store32_lane(to, v128.load32_zero(from, 24), 0, 24);
    }
  }
}

/** Loads one to three floats. */
function some(from: usize, count: i32): v128 {
  if (count === 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  return count === 2 ? two : v128.load32_lane(from, two, 2, 8);
}

/** Packs rows that run along k, transposed in squares of four by four. Missing rows repeat the last one. */
function transpose(to: usize, width: i32, count: i32, k: i32, from: usize, across: usize): void {
  const stride = <usize>width << 2, last = from + <usize>(count - 1) * across;
  const q1 = min(from + across, last), q2 = min(q1 + across, last), q3 = min(q2 + across, last);
  transposeFour(to, stride, k, from, q1, q2, q3);
  if (width === 4) return;
  const q4 = min(q3 + across, last), q5 = min(q4 + across, last);
  if (width === 6) transposeTwo(to + 16, stride, k, q4, q5);
  else transposeFour(to + 16, stride, k, q4, q5, min(q5 + across, last), min(q5 + 2 * across, last));
}

function transposeFour(to: usize, stride: usize, k: i32, q0: usize, q1: usize, q2: usize, q3: usize): void {
  for (; k >= 4; k -= 4, q0 += 16, q1 += 16, q2 += 16, q3 += 16) {
    const a = load(q0), b = load(q1), c = load(q2), d = load(q3);
    const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const ba = i32x4.shuffle(a, b, 2, 6, 3, 7), dc = i32x4.shuffle(c, d, 2, 6, 3, 7);
    store(to, i64x2.shuffle(ab, cd, 0, 2)); to += stride;
    store(to, i64x2.shuffle(ab, cd, 1, 3)); to += stride;
    store(to, i64x2.shuffle(ba, dc, 0, 2)); to += stride;
    store(to, i64x2.shuffle(ba, dc, 1, 3)); to += stride;
  }
  if (k & 2) {
    const ab = v128.load64_lane(q1, v128.load64_zero(q0), 1), cd = v128.load64_lane(q3, v128.load64_zero(q2), 1);
    store(to, i32x4.shuffle(ab, cd, 0, 2, 4, 6)); to += stride;
    store(to, i32x4.shuffle(ab, cd, 1, 3, 5, 7)); to += stride;
    q0 += 8; q1 += 8; q2 += 8; q3 += 8;
  }
  if (k & 1) {
    let x = v128.load32_zero(q0);
    x = v128.load32_lane(q1, x, 1);
    x = v128.load32_lane(q2, x, 2);
    store(to, v128.load32_lane(q3, x, 3));
  }
}

function transposeTwo(to: usize, stride: usize, k: i32, q0: usize, q1: usize): void {
  for (; k >= 4; k -= 4, q0 += 16, q1 += 16) {
    const a = load(q0), b = load(q1);
    const low = i32x4.shuffle(a, b, 0, 4, 1, 5), high = i32x4.shuffle(a, b, 2, 6, 3, 7);
    v128.store64_lane(to, low, 0); to += stride;
    v128.store64_lane(to, low, 1); to += stride;
    v128.store64_lane(to, high, 0); to += stride;
    v128.store64_lane(to, high, 1); to += stride;
  }
  for (; k > 0; k--, q0 += 4, q1 += 4, to += stride) {
    v128.store64_lane(to, v128.load32_lane(q1, v128.load32_zero(q0), 1), 0);
  }
}
