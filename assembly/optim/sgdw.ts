// Stochastic gradient descent with decoupled weight decay. The rule and its formulas: src/optim/sgdw.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function sgdw(n: i32, p: usize, g: usize, gradScale: f32, keep: f32, lr: f32): void {
  const S = splat(gradScale * lr), K = splat(keep);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(K, load(p + i)), mul(S, load(g + i))));
    i += BYTES;
  } while (i < end);
}

export function sgdwMomentum(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, keep: f32, momentum: f32, intake: f32, lr: f32,
): void {
  const S = splat(gradScale * intake), K = splat(keep), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const buffer = add(mul(M, load(b + i)), mul(S, load(g + i)));
    store(b + i, buffer);
    store(p + i, sub(mul(K, load(p + i)), mul(A, buffer)));
    i += BYTES;
  } while (i < end);
}

export function sgdwNesterov(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, keep: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale), K = splat(keep), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const buffer = add(mul(M, load(b + i)), grad);
    store(b + i, buffer);
    store(p + i, sub(mul(K, load(p + i)), mul(A, add(grad, mul(M, buffer)))));
    i += BYTES;
  } while (i < end);
}
