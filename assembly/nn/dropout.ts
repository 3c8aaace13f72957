import { BYTES, load, lt, mul, select, splat, store, uniform } from "../lane";

/**
 * y[i] = u(i) < p ? 0 : scale * x[i], where u(i) is the random number of counter first + i under the key. y may be x.
 * The backward pass is the same call on the gradient, so that no mask has to be stored.
 */
export function dropout(n: i32, x: usize, y: usize, first: i32, key0: i32, key1: i32, p: f32, scale: f32): void {
  const K0 = i32x4.splat(key0),
    K1 = i32x4.splat(key1),
    P = splat(p),
    S = splat(scale);
  let counter = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, select(lt(uniform(counter, K0, K1), P), splat(0), mul(S, load(x + i))));
    counter = i32x4.add(counter, i32x4.splat(4));
    i += BYTES;
  } while (i < end);
}
