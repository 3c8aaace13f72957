// Sign gradient descent and Signum. The rule and its formulas: src/optim/signsgd.ts.
import { add, BYTES, bySign, load, mul, splat, store, sub, times } from "../lane";

export function signsgd(n: i32, p: usize, g: usize, gradScale: f32, decayFactor: f32, lr: f32): void {
  const step: f32 = gradScale > 0 ? lr : gradScale < 0 ? -lr : 0;
  const D = splat(decayFactor), A = splat(step), N = splat(-step);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(times(D, load(p + i)), bySign(load(g + i), A, N)));
    i += BYTES;
  } while (i < end);
}

export function signsgdMomentum(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, decayFactor: f32, momentum: f32, oneMinusMomentum: f32, lr: f32,
): void {
  const S = splat(gradScale * oneMinusMomentum), D = splat(decayFactor), M = splat(momentum);
  const A = splat(lr), N = splat(-lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const mean = add(mul(M, load(m + i)), mul(S, load(g + i)));
    store(m + i, mean);
    store(p + i, sub(times(D, load(p + i)), bySign(mean, A, N)));
    i += BYTES;
  } while (i < end);
}
