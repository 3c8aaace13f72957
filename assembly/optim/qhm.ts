// Quasi-hyperbolic momentum. The rule and its formulas: src/optim/qhm.ts.
import { add, BYTES, load, mul, plus, splat, store, sub, times } from "../lane";

export function qhm(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, decayFactor: f32, scaledL2: f32, momentum: f32, oneMinusMomentum: f32,
  bufferStepSize: f32, foldedGradStepSize: f32,
): void {
  const S = splat(gradScale * oneMinusMomentum), D = splat(decayFactor), L = splat(scaledL2), M = splat(momentum);
  const B = splat(bufferStepSize), G = splat(foldedGradStepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const weightedGrad = plus(mul(S, load(g + i)), L, theta);
    const mean = add(mul(M, load(m + i)), weightedGrad);
    store(m + i, mean);
    const step = add(mul(B, mean), mul(G, weightedGrad));
    store(p + i, sub(times(D, theta), step));
    i += BYTES;
  } while (i < end);
}
