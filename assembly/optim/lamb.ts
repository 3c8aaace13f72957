// LAMB: Adam with steps as long as the parameters of a tensor, times lr. The rule and its formulas: src/optim/lamb.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub, times } from "../lane";

export function lambDirection(
  n: i32, p: usize, g: usize, m: usize, v: usize, r: usize,
  gradScale: f32, l2: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, sqrtOneMinusBeta2: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), Q = splat(gradScale * sqrtOneMinusBeta2), L = splat(l2);
  const B1 = splat(beta1), B2 = splat(beta2);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rawGrad = load(g + i);
    const rootedGrad = mul(Q, rawGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(B1, load(m + i)), mul(S, rawGrad));
    const denom = add(mul(sqrt(square), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(r + i, plus(div(mean, denom), L, theta));
    i += BYTES;
  } while (i < end);
}

export function lamb(
  n: i32, p: usize, _g: usize, _m: usize, _v: usize, r: usize,
  _gradScale: f32, decayFactor: f32, stepSize: f32,
): void {
  const K = splat(decayFactor), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(times(K, load(p + i)), mul(A, load(r + i))));
    i += BYTES;
  } while (i < end);
}
