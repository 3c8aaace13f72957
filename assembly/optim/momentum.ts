// Momentum in the classical and the moving-average form. The rule and its formulas: src/optim/momentum.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function momentum(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, keep: f32, l2: f32, beta: f32, intake: f32, rate: f32,
): void {
  const S = splat(gradScale), K = splat(keep), L = splat(l2), B = splat(beta), I = splat(intake), A = splat(rate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = mul(K, load(p + i));
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity = add(mul(B, load(v + i)), mul(I, grad));
    store(v + i, velocity);
    store(p + i, sub(theta, mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}

export function momentumNesterov(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, keep: f32, l2: f32, beta: f32, lr: f32,
): void {
  const S = splat(gradScale), K = splat(keep), L = splat(l2), B = splat(beta), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = mul(K, load(p + i));
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const push = mul(A, grad);
    const velocity = add(mul(B, load(v + i)), push);
    store(v + i, velocity);
    store(p + i, sub(theta, add(mul(B, velocity), push)));
    i += BYTES;
  } while (i < end);
}
