// AdaMax with ε inside the maximum or added to it: epsInMax or eps is 0.
// The rule and its formulas: src/optim/adamax.ts.
import { abs, add, BYTES, div, load, mul, plus, pmax, splat, store, sub, times } from "../lane";

export function adamax(
  n: i32, p: usize, g: usize, m: usize, u: usize,
  gradScale: f32, l2: f32, decayFactor: f32, oneMinusBeta1: f32, beta2: f32, epsInMax: f32, eps: f32, stepSize: f32,
): void {
  const S = splat(gradScale), L = splat(l2), D = splat(decayFactor);
  const C1 = splat(oneMinusBeta1), B2 = splat(beta2);
  const I = splat(epsInMax), E = splat(eps), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, theta);
    const lastMean = load(m + i);
    const mean = add(lastMean, mul(C1, sub(grad, lastMean)));
    const norm = pmax(add(abs(grad), I), mul(B2, load(u + i)));
    store(m + i, mean);
    store(u + i, norm);
    store(p + i, sub(times(D, theta), div(mul(A, mean), add(norm, E))));
    i += BYTES;
  } while (i < end);
}
