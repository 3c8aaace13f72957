// Momentum in its classical and its moving-average variant. The rule and its formulas: src/optim/momentum.ts.
import { add, BYTES, load, mul, plus, splat, store, sub, times } from "../lane";

export function momentum(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, decayFactor: f32, scaledL2: f32, momentum: f32, newestWeight: f32, stepSize: f32,
): void {
  const S = splat(gradScale * newestWeight), D = splat(decayFactor), L = splat(scaledL2);
  const M = splat(momentum), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const decayed = mul(D, load(p + i));
    const weightedGrad = add(mul(S, load(g + i)), mul(L, decayed));
    const velocity = add(mul(M, load(v + i)), weightedGrad);
    store(v + i, velocity);
    store(p + i, sub(decayed, mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}

export function momentumNesterov(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, decayFactor: f32, scaledL2: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale * lr), D = splat(decayFactor), L = splat(scaledL2), M = splat(momentum);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const decayed = times(D, load(p + i));
    const weightedGrad = plus(mul(S, load(g + i)), L, decayed);
    const velocity = add(mul(M, load(v + i)), weightedGrad);
    store(v + i, velocity);
    store(p + i, sub(decayed, add(mul(M, velocity), weightedGrad)));
    i += BYTES;
  } while (i < end);
}
