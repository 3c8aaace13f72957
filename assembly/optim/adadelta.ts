// Adadelta. The rule and its formulas: src/optim/adadelta.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adadelta(
  n: i32, p: usize, g: usize, s: usize, d: usize,
  gradScale: f32, l2: f32, rho: f32, rhoc: f32, eps: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), R = splat(rho), C = splat(rhoc), E = splat(eps), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const square = add(mul(R, load(s + i)), mul(C, mul(grad, grad)));
    const moved = load(d + i);
    const delta = mul(sqrt(div(add(moved, E), add(square, E))), grad);
    store(s + i, square);
    store(d + i, add(mul(R, moved), mul(C, mul(delta, delta))));
    store(p + i, sub(theta, mul(A, delta)));
    i += BYTES;
  } while (i < end);
}
