// YellowFin: SGD with momentum that tunes itself. The rule and its formulas: src/optim/yellowfin.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function yellowfinMean(
  n: i32, p: usize, g: usize, _b: usize, m: usize,
  gradScale: f32, scaledL2: f32, beta: f32, oneMinusBeta: f32,
): void {
  const S = splat(gradScale * oneMinusBeta), L = splat(scaledL2), B = splat(beta);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const weightedGrad = add(mul(S, load(g + i)), mul(L, load(p + i)));
    store(m + i, add(mul(B, load(m + i)), weightedGrad));
    i += BYTES;
  } while (i < end);
}

export function yellowfin(
  n: i32, p: usize, g: usize, b: usize, _m: usize,
  gradScale: f32, scaledL2: f32, clipScale: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale * clipScale), L = splat(scaledL2), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity = add(mul(M, load(b + i)), grad);
    store(b + i, velocity);
    store(p + i, sub(theta, mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}
