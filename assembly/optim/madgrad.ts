// MADGRAD: dual averaging over the cube root of summed squares. The rule and its formulas: src/optim/madgrad.ts.
import { add, BYTES, div, load, mul, splat, store, sub } from "../lane";
import { cbrt } from "../math";

export function madgrad(
  n: i32, p: usize, g: usize, v: usize, s: usize, x0: usize,
  gradScale: f32, l2: f32, sumWeight: f32, eps: f32, momentum: f32, oneMinusMomentum: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(sumWeight), E = splat(eps), M = splat(momentum);
  const C = splat(oneMinusMomentum);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const squareSum = add(load(v + i), mul(A, mul(grad, grad)));
    const gradSum = add(load(s + i), mul(A, grad));
    const z = sub(load(x0 + i), div(gradSum, add(cbrt(squareSum), E)));
    store(v + i, squareSum);
    store(s + i, gradSum);
    store(p + i, add(mul(M, theta), mul(C, z)));
    i += BYTES;
  } while (i < end);
}
