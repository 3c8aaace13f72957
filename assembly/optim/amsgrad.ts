// AMSGrad as its paper has it. The rule and its formulas: src/optim/amsgrad.ts.
import { add, BYTES, div, load, mul, pmax, splat, sqrt, store, sub } from "../lane";

export function amsgrad(
  n: i32, p: usize, g: usize, m: usize, v: usize, vMax: usize,
  gradScale: f32, scaledL2: f32, beta1: f32, meanRatio: f32, beta2: f32, sqrtOneMinusBeta2: f32,
  stepSize: f32, eps: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusBeta2), L = splat(scaledL2);
  const B1 = splat(beta1), M = splat(meanRatio), B2 = splat(beta2);
  const A = splat(stepSize), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = add(mul(S, load(g + i)), mul(L, theta));
    const mean = add(mul(B1, load(m + i)), mul(M, rootedGrad));
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const maxSquare = pmax(square, load(vMax + i));
    store(m + i, mean);
    store(v + i, square);
    store(vMax + i, maxSquare);
    store(p + i, sub(theta, div(mul(A, mean), add(sqrt(maxSquare), E))));
    i += BYTES;
  } while (i < end);
}
