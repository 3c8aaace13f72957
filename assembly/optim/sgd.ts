// Stochastic gradient descent in PyTorch's form. The rule and its formulas: src/optim/sgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function sgd(n: i32, p: usize, g: usize, gradScale: f32, l2: f32, lr: f32): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    store(p + i, sub(theta, mul(A, grad)));
    i += BYTES;
  } while (i < end);
}

export function sgdMomentum(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, l2: f32, momentum: f32, intake: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), M = splat(momentum), I = splat(intake), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const buffer = add(mul(M, load(b + i)), mul(I, grad));
    store(b + i, buffer);
    store(p + i, sub(theta, mul(A, buffer)));
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
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const buffer = add(mul(M, load(b + i)), grad);
    store(b + i, buffer);
    store(p + i, sub(theta, mul(A, add(grad, mul(M, buffer)))));
    i += BYTES;
  } while (i < end);
}
