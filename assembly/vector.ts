// Element-wise kernels over up to three arrays, shared by all parts of the library. Like the update kernels, they need
// no code for a tail: n is rounded up to a multiple of four vectors, and they may write anything into the padding.
import { abs, add, BYTES, load, lt, mul, select, splat, store } from "./lane";

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
