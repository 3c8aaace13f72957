// SM3 for vectors, where it is AdaGrad with momentum. The rule and its formulas: src/optim/sm3.ts.
import { add, BYTES, div, eq, load, mul, splat, sqrt, store, sub, unless } from "../lane";

export function sm3(
  n: i32, p: usize, g: usize, cover: usize,
  gradScale: f32, eps: f32, lr: f32,
): void {
  const S = splat(gradScale), E = splat(eps), A = splat(lr), Z = splat(0);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const square = add(load(cover + i), mul(grad, grad));
    store(cover + i, square);
    const update = unless(eq(square, Z), div(grad, sqrt(add(square, E))));
    store(p + i, sub(load(p + i), mul(A, update)));
    i += BYTES;
  } while (i < end);
}

export function sm3Momentum(
  n: i32, p: usize, g: usize, cover: usize, m: usize,
  gradScale: f32, eps: f32, momentum: f32, oneMinusMomentum: f32, lr: f32,
): void {
  const S = splat(gradScale), E = splat(eps), M = splat(momentum), C = splat(oneMinusMomentum), A = splat(lr);
  const Z = splat(0);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const square = add(load(cover + i), mul(grad, grad));
    store(cover + i, square);
    const update = unless(eq(square, Z), div(grad, sqrt(add(square, E))));
    const velocity = add(mul(M, load(m + i)), mul(C, update));
    store(m + i, velocity);
    store(p + i, sub(load(p + i), mul(A, velocity)));
    i += BYTES;
  } while (i < end);
}
