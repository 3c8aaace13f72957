// Prodigy: Adam that estimates its learning rate while it trains. The rule and its formulas: src/optim/prodigy.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub } from "../lane";

export function prodigyMoments(
  n: i32, p: usize, g: usize, _p0: usize, s: usize, m: usize, v: usize,
  gradScale: f32, scaledL2: f32, beta1: f32, meanRatio: f32, beta2: f32, scaledSqrtOneMinusBeta2: f32, beta3: f32,
  foldedSumWeight: f32,
): void {
  const S = splat(gradScale * scaledSqrtOneMinusBeta2), L = splat(scaledL2), B1 = splat(beta1), C1 = splat(meanRatio);
  const B2 = splat(beta2);
  const B3 = splat(beta3), W = splat(foldedSumWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = plus(mul(S, load(g + i)), L, theta);
    store(s + i, add(mul(B3, load(s + i)), mul(W, rootedGrad)));
    store(m + i, add(mul(B1, load(m + i)), mul(C1, rootedGrad)));
    store(v + i, add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad)));
    i += BYTES;
  } while (i < end);
}

export function prodigy(
  n: i32, p: usize, _g: usize, _p0: usize, _s: usize, m: usize, v: usize,
  _gradScale: f32, decayFactor: f32, stepSize: f32, scaledEps: f32,
): void {
  const K = splat(decayFactor), A = splat(stepSize), E = splat(scaledEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(K, load(p + i)), mul(A, div(load(m + i), add(sqrt(load(v + i)), E)))));
    i += BYTES;
  } while (i < end);
}
