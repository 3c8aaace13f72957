// SGD with decaying momentum. The rule and its formulas: src/optim/demonSgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function demonSgd(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, l2: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity = add(mul(M, load(v + i)), grad);
    store(v + i, velocity);
    store(p + i, sub(theta, mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}
