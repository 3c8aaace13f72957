// Passes over one or two vectors that every part of the library shares. Like the update kernels they have no
// tails: n is rounded up to whole vectors and they may write anything into padding.
import { abs, add, BYTES, load, lt, mul, select, splat, store, sub } from "./lane";

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

/** x = 0 where |x| < 2^-100: moving averages of zeros otherwise end in subnormals, 25 to 37 times slower to work with. */
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
