// Rectified Adam with L2 or decoupled weight decay: scaledL2 is 0, or decayFactor 1.
// The rule and its formulas: src/optim/radam.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub, times } from "../lane";

export function radam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, scaledL2: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, squareRatio: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), L = splat(scaledL2), D = splat(decayFactor);
  const B1 = splat(beta1), B2 = splat(beta2), Q = splat(squareRatio);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const weightedGrad = plus(mul(S, load(g + i)), L, theta);
    const rootedGrad = mul(Q, weightedGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    store(v + i, square);
    const mean = add(mul(B1, load(m + i)), weightedGrad);
    store(m + i, mean);
    const denom = add(mul(sqrt(square), R), E);
    store(p + i, sub(times(D, theta), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

// Momentum alone, which does not look at the second moment: one that has overflowed must not reach the step.
export function radamEarly(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, scaledL2: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, squareRatio: f32,
  stepSize: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), L = splat(scaledL2), D = splat(decayFactor);
  const B1 = splat(beta1), B2 = splat(beta2), Q = splat(squareRatio);
  const A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const weightedGrad = plus(mul(S, load(g + i)), L, theta);
    const rootedGrad = mul(Q, weightedGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    store(v + i, square);
    const mean = add(mul(B1, load(m + i)), weightedGrad);
    store(m + i, mean);
    store(p + i, sub(times(D, theta), mul(A, mean)));
    i += BYTES;
  } while (i < end);
}
