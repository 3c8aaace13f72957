// AdaGrad with ε added to the root or inside it: the other one is 0. The rule and its formulas: src/optim/adagrad.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adagrad(
  n: i32, p: usize, g: usize, s: usize,
  gradScale: f32, l2: f32, lr: f32, epsSquare: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lr), I = splat(epsSquare), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const squareSum = add(load(s + i), mul(grad, grad));
    const denom = add(sqrt(add(squareSum, I)), E);
    store(s + i, squareSum);
    store(p + i, sub(theta, div(mul(A, grad), denom)));
    i += BYTES;
  } while (i < end);
}
