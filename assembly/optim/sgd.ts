// Stochastic gradient descent in PyTorch's form. The rule and its formulas: src/optim/sgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function sgd(n: i32, p: usize, g: usize, gradScale: f32, l2: f32, lr: f32): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lr);
  for (const end = p + (<usize>n << 2); p < end; p += BYTES, g += BYTES) {
    const theta = load(p);
    const grad = add(mul(S, load(g)), mul(L, theta));
    store(p, sub(theta, mul(A, grad)));
  }
}

export function sgdMomentum(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, l2: f32, momentum: f32, intake: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), M = splat(momentum), I = splat(intake), A = splat(lr);
  for (const end = p + (<usize>n << 2); p < end; p += BYTES, g += BYTES, b += BYTES) {
    const theta = load(p);
    const grad = add(mul(S, load(g)), mul(L, theta));
    const buffer = add(mul(M, load(b)), mul(I, grad));
    store(b, buffer);
    store(p, sub(theta, mul(A, buffer)));
  }
}

export function sgdNesterov(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, l2: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), M = splat(momentum), A = splat(lr);
  for (const end = p + (<usize>n << 2); p < end; p += BYTES, g += BYTES, b += BYTES) {
    const theta = load(p);
    const grad = add(mul(S, load(g)), mul(L, theta));
    const buffer = add(mul(M, load(b)), grad);
    store(b, buffer);
    store(p, sub(theta, mul(A, add(grad, mul(M, buffer)))));
  }
}
