// Stochastic gradient descent with decoupled weight decay. The rule and its formulas: src/optim/sgdw.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function sgdw(n: i32, p: usize, g: usize, gradScale: f32, decayFactor: f32, lr: f32): void {
  const S = splat(gradScale * lr), D = splat(decayFactor);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(D, load(p + i)), mul(S, load(g + i))));
    i += BYTES;
  } while (i < end);
}

export function sgdwMomentum(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, decayFactor: f32, momentum: f32, newestWeight: f32, lr: f32,
): void {
  const S = splat(gradScale * newestWeight), D = splat(decayFactor), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const velocity = add(mul(M, load(b + i)), mul(S, load(g + i)));
    store(b + i, velocity);
    store(p + i, sub(mul(D, load(p + i)), mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}

export function sgdwNesterov(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, decayFactor: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale), D = splat(decayFactor), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const velocity = add(mul(M, load(b + i)), grad);
    store(b + i, velocity);
    store(p + i, sub(mul(D, load(p + i)), mul(A, add(grad, mul(M, velocity)))));
    i += BYTES;
  } while (i < end);
}
