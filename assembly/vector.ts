// Passes over one or two vectors that every part of the library shares. Like the update kernels they have no
// tails: n is rounded up to whole vectors and they may write anything into padding.
import { abs, add, BYTES, load, lt, mul, select, splat, store, sub } from "./lane";

/** x = value */
export function fill(n: i32, x: usize, value: f32): void {
  const v = splat(value);
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES) store(x, v);
}

/** y = x */
export function copy(n: i32, x: usize, y: usize): void {
  memory.copy(y, x, (<usize>n) << 2);
}

/** x = s * x */
export function scale(n: i32, x: usize, s: f32): void {
  const S = splat(s);
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES) store(x, mul(S, load(x)));
}

/** y = y + s * x */
export function axpy(n: i32, x: usize, y: usize, s: f32): void {
  const S = splat(s);
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES, y += BYTES) store(y, add(load(y), mul(S, load(x))));
}

/** z = x - y */
export function subtract(n: i32, x: usize, y: usize, z: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES, y += BYTES, z += BYTES) store(z, sub(load(x), load(y)));
}

/** x = 0 where |x| < 2^-100: moving averages of zeros otherwise end in subnormals, 25 to 37 times slower to work with. */
export function flush(n: i32, x: usize): void {
  const limit = splat(7.888609052210118e-31);
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES) {
    const v = load(x);
    store(x, select(lt(abs(v), limit), splat(0), v));
  }
}
