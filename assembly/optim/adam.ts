// Adam with L2 weight decay. The rule and its formulas: src/optim/adam.ts.
import { add, BYTES, div, load, mul, plus, pmax, splat, sqrt, store, sub, times } from "../lane";

export function adam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, scaledL2: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, squareRatio: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), L = splat(scaledL2);
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
    store(p + i, sub(theta, div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

export function adamAmsgrad(
  n: i32, p: usize, g: usize, m: usize, v: usize, vMax: usize,
  gradScale: f32, scaledL2: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, squareRatio: f32, squareCorrection: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), L = splat(scaledL2);
  const B1 = splat(beta1), B2 = splat(beta2), Q = splat(squareRatio), C = splat(squareCorrection);
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
    const maxSquare = pmax(times(C, square), load(vMax + i));
    const denom = add(mul(sqrt(maxSquare), R), E);
    store(vMax + i, maxSquare);
    store(p + i, sub(theta, div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
