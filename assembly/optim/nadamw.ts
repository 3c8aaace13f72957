// NAdam with decoupled weight decay. The rule and its formulas: src/optim/nadamw.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function nadamw(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32,
  gradStepSize: f32, meanStepSize: f32, rootCorrection: f32, eps: f32,
): void {
  const S = splat(gradScale), D = splat(decayFactor);
  const B1 = splat(beta1), C1 = splat(oneMinusBeta1), B2 = splat(beta2), C2 = splat(oneMinusBeta2);
  const G = splat(gradStepSize), M = splat(meanStepSize), R = splat(rootCorrection), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const decayed = mul(D, load(p + i));
    const grad = mul(S, load(g + i));
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(decayed, div(add(mul(G, grad), mul(M, mean)), denom)));
    i += BYTES;
  } while (i < end);
}
