// QHAdam: Adam that steps by mixtures of the moments and the newest gradient. The rule and its formulas: src/optim/qhadam.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub, times } from "../lane";

export function qhadam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, sqrtOneMinusBeta2: f32, scaledL2: f32, decayFactor: f32, beta1: f32, meanRatio: f32, beta2: f32,
  meanLr: f32, foldedGradLr: f32, squareWeight: f32, foldedSquareWeight: f32, eps: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusBeta2), L = splat(scaledL2), K = splat(decayFactor);
  const B1 = splat(beta1), M = splat(meanRatio), B2 = splat(beta2), V1 = splat(meanLr), U1 = splat(foldedGradLr);
  const V2 = splat(squareWeight), U2 = splat(foldedSquareWeight), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = plus(mul(S, load(g + i)), L, theta);
    const decayed = times(K, theta);
    const mean = add(mul(B1, load(m + i)), mul(M, rootedGrad));
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const numerator = add(mul(V1, mean), mul(U1, rootedGrad));
    const gradSquare = mul(mul(U2, rootedGrad), rootedGrad);
    const denom = add(sqrt(add(mul(V2, square), gradSquare)), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(decayed, div(numerator, denom)));
    i += BYTES;
  } while (i < end);
}
