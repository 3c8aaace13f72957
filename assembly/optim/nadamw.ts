// NAdam with decoupled weight decay. The rule and its formulas: src/optim/nadamw.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function nadamw(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, fresh: f32, ahead: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2), C2 = splat(b2c);
  const F = splat(fresh), A = splat(ahead), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = mul(K, load(p + i));
    const grad = mul(S, load(g + i));
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(theta, div(add(mul(F, grad), mul(A, mean)), denom)));
    i += BYTES;
  } while (i < end);
}
