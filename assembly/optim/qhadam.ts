// QHAdam: Adam that steps by mixtures of moments and present gradient. The rule and its formulas: src/optim/qhadam.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function qhadam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, l2: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, nu1: f32, nu1c: f32, nu2: f32, nu2c: f32,
  eps: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2);
  const C2 = splat(b2c), V1 = splat(nu1), U1 = splat(nu1c), V2 = splat(nu2), U2 = splat(nu2c), E = splat(eps);
  const A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, before));
    const theta = mul(K, before);
    const power = mul(grad, grad);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, power));
    const step = add(mul(V1, mean), mul(U1, grad));
    const denom = add(sqrt(add(mul(V2, square), mul(U2, power))), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(theta, div(mul(A, step), denom)));
    i += BYTES;
  } while (i < end);
}
