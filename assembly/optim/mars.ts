// MARS: AdamW on variance-reduced gradients. The rule and its formulas: src/optim/mars.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function marsCorrect(
  n: i32, _p: usize, g: usize, _m: usize, _v: usize, last: usize, c: usize,
  gradScale: f32, changeWeight: f32,
): void {
  const S = splat(gradScale), F = splat(changeWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    store(c + i, add(grad, mul(F, sub(grad, load(last + i)))));
    store(last + i, grad);
    i += BYTES;
  } while (i < end);
}

export function mars(
  n: i32, p: usize, _g: usize, m: usize, v: usize, _last: usize, c: usize,
  _gradScale: f32, decayFactor: f32, beta1: f32, scaledOneMinusBeta1: f32, beta2: f32, scaledSqrtOneMinusBeta2: f32,
  denomScale: f32, denomEps: f32,
): void {
  const K = splat(decayFactor), B1 = splat(beta1), S = splat(scaledOneMinusBeta1), B2 = splat(beta2);
  const Q = splat(scaledSqrtOneMinusBeta2), R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(c + i);
    const rootedGrad = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(B1, load(m + i)), mul(S, grad));
    const denom = add(mul(sqrt(square), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(p + i, sub(mul(K, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
