// Momentum in the classical and the moving-average form. The rule and its formulas: src/optim/momentum.ts.
import { add, BYTES, load, mul, plus, splat, store, sub, times } from "../lane";

export function momentum(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, keep: f32, l2: f32, beta: f32, intake: f32, rate: f32,
): void {
  const S = splat(gradScale * intake), K = splat(keep), L = splat(l2), B = splat(beta), A = splat(rate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = mul(K, load(p + i));
    const push = add(mul(S, load(g + i)), mul(L, theta));
    const velocity = add(mul(B, load(v + i)), push);
    store(v + i, velocity);
    store(p + i, sub(theta, mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}

export function momentumNesterov(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, keep: f32, l2: f32, beta: f32, lr: f32,
): void {
  const S = splat(gradScale * lr), K = splat(keep), L = splat(l2), B = splat(beta);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = times(K, load(p + i));
    const push = plus(mul(S, load(g + i)), L, theta);
    const velocity = add(mul(B, load(v + i)), push);
    store(v + i, velocity);
    store(p + i, sub(theta, add(mul(B, velocity), push)));
    i += BYTES;
  } while (i < end);
}
