// AdEMAMix: Adam with a second, much slower mean. The rule and its formulas: src/optim/ademamix.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function ademamix(
  n: i32, p: usize, g: usize, m: usize, slow: usize, v: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, sqrtOneMinusBeta2: f32, beta3: f32,
  oneMinusBeta3: f32, slowWeight: f32, denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), Q = splat(gradScale * sqrtOneMinusBeta2);
  const T = splat(gradScale * oneMinusBeta3), K = splat(decayFactor);
  const B1 = splat(beta1), B2 = splat(beta2), B3 = splat(beta3), D = splat(slowWeight), R = splat(denomScale);
  const E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const rootedGrad = mul(Q, rawGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(B1, load(m + i)), mul(S, rawGrad));
    const slowMean = add(mul(B3, load(slow + i)), mul(T, rawGrad));
    const denom = add(mul(sqrt(square), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(slow + i, slowMean);
    store(p + i, sub(mul(K, load(p + i)), div(add(mean, mul(D, slowMean)), denom)));
    i += BYTES;
  } while (i < end);
}
