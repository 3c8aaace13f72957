// LaProp: momentum over normalized gradients. The rule and its formulas: src/optim/laprop.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function laprop(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, oneMinusBeta1Lr: f32, beta2: f32, oneMinusBeta2: f32,
  rootCorrection: f32, eps: f32, meanCorrection: f32,
): void {
  const S = splat(gradScale), D = splat(decayFactor);
  const B1 = splat(beta1), C1 = splat(oneMinusBeta1Lr), B2 = splat(beta2), C2 = splat(oneMinusBeta2);
  const R = splat(rootCorrection), E = splat(eps), C = splat(meanCorrection);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    const mean = add(mul(B1, load(m + i)), div(mul(C1, grad), denom));
    store(m + i, mean);
    store(v + i, square);
    store(p + i, mul(D, sub(load(p + i), mul(C, mean))));
    i += BYTES;
  } while (i < end);
}
