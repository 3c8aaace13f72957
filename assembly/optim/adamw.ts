// Adam with decoupled weight decay. The rule and its formulas: src/optim/adamw.ts.
import { add, BYTES, div, load, mul, pmax, splat, sqrt, store, sub } from "../lane";

export function adamw(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, sqrtOneMinusBeta2: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), Q = splat(gradScale * sqrtOneMinusBeta2), D = splat(decayFactor);
  const B1 = splat(beta1), B2 = splat(beta2);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const rootedGrad = mul(Q, rawGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(B1, load(m + i)), mul(S, rawGrad));
    const denom = add(mul(sqrt(square), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(p + i, sub(mul(D, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

export function adamwAmsgrad(
  n: i32, p: usize, g: usize, m: usize, v: usize, vMax: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, sqrtOneMinusBeta2: f32,
  squareCorrection: f32, denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), Q = splat(gradScale * sqrtOneMinusBeta2), D = splat(decayFactor);
  const B1 = splat(beta1), B2 = splat(beta2), C = splat(squareCorrection);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const rootedGrad = mul(Q, rawGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(B1, load(m + i)), mul(S, rawGrad));
    const maxSquare = pmax(mul(C, square), load(vMax + i));
    const denom = add(mul(sqrt(maxSquare), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(vMax + i, maxSquare);
    store(p + i, sub(mul(D, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
