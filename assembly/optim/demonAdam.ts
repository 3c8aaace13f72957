// Adam with decaying momentum, as an average or as the paper has it. The rule and its formulas: src/optim/demonAdam.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function demonAdam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, newestWeight: f32, beta2: f32, sqrtOneMinusBeta2: f32, epsSquare: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale * newestWeight), Q = splat(gradScale * sqrtOneMinusBeta2), D = splat(decayFactor);
  const B1 = splat(beta1), B2 = splat(beta2);
  const I = splat(epsSquare), R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const rootedGrad = mul(Q, rawGrad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(B1, load(m + i)), mul(S, rawGrad));
    const denom = add(mul(sqrt(add(square, I)), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(p + i, sub(mul(D, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
