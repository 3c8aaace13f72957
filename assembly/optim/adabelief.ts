// AdaBelief: Adam with the variance about the mean in place of the mean square.
// The rule and its formulas: src/optim/adabelief.ts.
import { add, BYTES, div, load, mul, plus, pmax, splat, sqrt, store, sub, times } from "../lane";

export function adabelief(
  n: i32, p: usize, g: usize, m: usize, s: usize,
  gradScale: f32, l2: f32, decayFactor: f32, oneMinusBeta1: f32, beta2: f32, deviationScale: f32, epsSquare: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), D = splat(decayFactor);
  const C1 = splat(oneMinusBeta1), B2 = splat(beta2), Q = splat(deviationScale), I = splat(epsSquare);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const lastMean = load(m + i);
    const deviation = sub(grad, lastMean);
    const rootedDeviation = mul(Q, deviation);
    const variance = add(add(mul(B2, load(s + i)), mul(rootedDeviation, rootedDeviation)), I);
    store(s + i, variance);
    const mean = add(lastMean, mul(C1, deviation));
    store(m + i, mean);
    const denom = add(mul(sqrt(variance), R), E);
    store(p + i, sub(mul(D, theta), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

export function adabeliefAmsgrad(
  n: i32, p: usize, g: usize, m: usize, s: usize, sMax: usize,
  gradScale: f32, l2: f32, decayFactor: f32, oneMinusBeta1: f32, beta2: f32, deviationScale: f32, epsSquare: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), D = splat(decayFactor);
  const C1 = splat(oneMinusBeta1), B2 = splat(beta2), Q = splat(deviationScale), I = splat(epsSquare);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, theta);
    const lastMean = load(m + i);
    const deviation = sub(grad, lastMean);
    const rootedDeviation = mul(Q, deviation);
    const variance = add(add(mul(B2, load(s + i)), mul(rootedDeviation, rootedDeviation)), I);
    store(s + i, variance);
    const mean = add(lastMean, mul(C1, deviation));
    store(m + i, mean);
    const maxVariance = pmax(variance, load(sMax + i));
    const denom = add(mul(sqrt(maxVariance), R), E);
    store(sMax + i, maxVariance);
    store(p + i, sub(times(D, theta), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
