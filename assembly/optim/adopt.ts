// ADOPT: Adam that divides by the second moment of the gradients before. The rule and its formulas: src/optim/adopt.ts.
import { add, BYTES, div, load, mul, neg, pmax, pmin, splat, sqrt, store, sub } from "../lane";

export function adoptFirst(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, l2: f32,
): void {
  const S = splat(gradScale), L = splat(l2);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = add(mul(S, load(g + i)), mul(L, load(p + i)));
    store(v + i, mul(grad, grad));
    i += BYTES;
  } while (i < end);
}

export function adopt(
  n: i32, p: usize, g: usize, v: usize, m: usize,
  gradScale: f32, scaledL2: f32, decayFactor: f32, beta1: f32, meanRatio: f32, beta2: f32, sqrtOneMinusBeta2: f32,
  eps: f32, scaledClip: f32, lr: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusBeta2), L = splat(scaledL2), D = splat(decayFactor);
  const B1 = splat(beta1), M = splat(meanRatio), B2 = splat(beta2);
  const E = splat(eps), C = splat(scaledClip), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = add(mul(S, load(g + i)), mul(L, theta));
    const decayed = mul(D, theta);
    const lastSquare = load(v + i);
    const normalized = div(rootedGrad, pmax(sqrt(lastSquare), E));
    const clipped = pmax(pmin(normalized, C), neg(C));
    const mean = add(mul(B1, load(m + i)), mul(M, clipped));
    store(m + i, mean);
    store(v + i, add(mul(B2, lastSquare), mul(rootedGrad, rootedGrad)));
    store(p + i, sub(decayed, mul(A, mean)));
    i += BYTES;
  } while (i < end);
}
