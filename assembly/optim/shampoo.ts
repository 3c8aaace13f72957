// Shampoo's momentum and step, after the products. The rule and its formulas: src/optim/shampoo.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function shampoo(
  n: i32, p: usize, _g: usize, b: usize, u: usize,
  _gradScale: f32, lr: f32, momentum: f32,
): void {
  const L = splat(lr), M = splat(momentum);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const velocity = add(mul(M, load(b + i)), load(u + i));
    store(b + i, velocity);
    store(p + i, sub(load(p + i), mul(L, velocity)));
    i += BYTES;
  } while (i < end);
}
