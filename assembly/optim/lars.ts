// LARS: SGD with a learning rate for each tensor. The rule and its formulas: src/optim/lars.ts.
import { add, BYTES, load, mul, plus, splat, store, sub } from "../lane";

export function lars(
  n: i32, p: usize, g: usize,
  gradScale: f32, gradUnit: f32, unitWeight: f32, scaledL2: f32,
): void {
  const S = splat(gradScale * gradUnit), W = splat(unitWeight), L = splat(scaledL2);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    store(p + i, sub(theta, plus(mul(W, mul(S, load(g + i))), L, theta)));
    i += BYTES;
  } while (i < end);
}

export function larsMomentum(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, gradUnit: f32, unitWeight: f32, scaledL2: f32, momentum: f32, updateLr: f32, velocityLr: f32,
): void {
  const S = splat(gradScale * gradUnit), W = splat(unitWeight), L = splat(scaledL2);
  const M = splat(momentum), U = splat(updateLr), V = splat(velocityLr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const weightedGrad = plus(mul(W, mul(S, load(g + i))), L, theta);
    const velocity = add(mul(M, load(b + i)), weightedGrad);
    store(b + i, velocity);
    store(p + i, sub(theta, add(mul(U, weightedGrad), mul(V, velocity))));
    i += BYTES;
  } while (i < end);
}
