// Stochastic gradient descent in PyTorch's form. The rule and its formulas: src/optim/sgd.ts.
import { add, BYTES, load, mul, plus, splat, store, sub } from "../lane";

export function sgd(n: i32, p: usize, g: usize, gradScale: f32, scaledL2: f32, lr: f32): void {
  const S = splat(gradScale * lr), L = splat(scaledL2);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    store(p + i, sub(theta, add(mul(S, load(g + i)), mul(L, theta))));
    i += BYTES;
  } while (i < end);
}

export function sgdMomentum(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, scaledL2: f32, momentum: f32, newestWeight: f32, lr: f32,
): void {
  const S = splat(gradScale * newestWeight), L = splat(scaledL2), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const weightedGrad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity = add(mul(M, load(b + i)), weightedGrad);
    store(b + i, velocity);
    store(p + i, sub(theta, mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}

export function sgdNesterov(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, l2: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, theta);
    const velocity = add(mul(M, load(b + i)), grad);
    store(b + i, velocity);
    store(p + i, sub(theta, mul(A, add(grad, mul(M, velocity)))));
    i += BYTES;
  } while (i < end);
}
