// Panels: a strip of `width` rows of op(A) or columns of op(B), laid out so that the tile reads it in one stream.
import { load, store } from "../lane";

/**
 * to[p * width + i] = element (i, p) of the strip, which stands at from + i * across + p * along (bytes), for
 * i < count and p < k; zeros for count <= i < width. Where one of the strides is a single f32 whole vectors move.
 */
export function packPanel(to: usize, width: i32, count: i32, k: i32, from: usize, across: usize, along: usize): void {
  const stride = <usize>width << 2;
  let i = 0;
  if (across === 4) {
    for (; i + 4 <= count; i += 4, from += 16, to += 16) {
      for (let p = 0, q = from, t = to; p < k; p++, q += along, t += stride) store(t, load(q));
    }
  } else if (along === 4) {
    for (; i + 4 <= count; i += 4, from += across << 2, to += 16) {
      transpose(to, stride, k, from, across);
    }
  }
  for (; i < count; i++, from += across, to += 4) {
    for (let p = 0, q = from, t = to; p < k; p++, q += along, t += stride) v128.store32_lane(t, v128.load32_zero(q), 0);
  }
  for (; i < width; i++, to += 4) {
    for (let p = 0, t = to; p < k; p++, t += stride) v128.store32_lane(t, f32x4.splat(0), 0);
  }
}

/** Four rows of k floats, `across` bytes apart, to k groups of four floats, `stride` bytes apart. */
function transpose(to: usize, stride: usize, k: i32, from: usize, across: usize): void {
  let q0 = from, q1 = q0 + across, q2 = q1 + across, q3 = q2 + across;
  for (; k >= 4; k -= 4, q0 += 16, q1 += 16, q2 += 16, q3 += 16) {
    const a = load(q0), b = load(q1), c = load(q2), d = load(q3);
    const ab = i32x4.shuffle(a, b, 0, 4, 1, 5), cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
    const ba = i32x4.shuffle(a, b, 2, 6, 3, 7), dc = i32x4.shuffle(c, d, 2, 6, 3, 7);
    store(to, i64x2.shuffle(ab, cd, 0, 2)); to += stride;
    store(to, i64x2.shuffle(ab, cd, 1, 3)); to += stride;
    store(to, i64x2.shuffle(ba, dc, 0, 2)); to += stride;
    store(to, i64x2.shuffle(ba, dc, 1, 3)); to += stride;
  }
  for (; k > 0; k--, q0 += 4, q1 += 4, q2 += 4, q3 += 4, to += stride) {
    let x = v128.load32_zero(q0);
    x = v128.load32_lane(q1, x, 1);
    x = v128.load32_lane(q2, x, 2);
    store(to, v128.load32_lane(q3, x, 3));
  }
}
