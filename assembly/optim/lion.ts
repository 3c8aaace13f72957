// Lion. The rule and its formulas: src/optim/lion.ts.
import { add, BYTES, bySign, load, mul, splat, store, sub, times } from "../lane";

export function lion(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, decayFactor: f32, blendRatio: f32, beta2: f32, oneMinusBeta2: f32, lr: f32,
): void {
  const S = splat(gradScale * blendRatio), M = splat(gradScale * oneMinusBeta2);
  const D = splat(decayFactor), B2 = splat(beta2), A = splat(lr), N = splat(-lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const lastMean = load(m + i);
    const blend = add(lastMean, mul(S, rawGrad));
    store(m + i, add(mul(B2, lastMean), mul(M, rawGrad)));
    store(p + i, sub(times(D, load(p + i)), bySign(blend, A, N)));
    i += BYTES;
  } while (i < end);
}
