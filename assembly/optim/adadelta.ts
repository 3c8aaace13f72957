// Adadelta. The rule and its formulas: src/optim/adadelta.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub } from "../lane";

export function adadelta(
  n: i32, p: usize, g: usize, s: usize, d: usize,
  gradScale: f32, l2: f32, rho: f32, toRoot: f32, eps: f32, rate: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), R = splat(rho), E = splat(eps), A = splat(rate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = plus(mul(S, load(g + i)), L, theta);
    const square = add(mul(R, load(s + i)), mul(root, root));
    const moved = load(d + i);
    const delta = mul(sqrt(div(add(moved, E), add(square, E))), root);
    store(s + i, square);
    store(d + i, add(mul(R, moved), mul(delta, delta)));
    store(p + i, sub(theta, mul(A, delta)));
    i += BYTES;
  } while (i < end);
}
