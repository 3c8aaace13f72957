// LaProp: momentum over normalized gradients. The rule and its formulas: src/optim/laprop.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function laprop(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, keep: f32, b1: f32, intake: f32, b2: f32, b2c: f32, rootScale: f32, eps: f32, stepSize: f32,
): void {
  const S = splat(gradScale), K = splat(keep), B1 = splat(b1), C1 = splat(intake), B2 = splat(b2), C2 = splat(b2c);
  const R = splat(rootScale), E = splat(eps), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    const mean = add(mul(B1, load(m + i)), div(mul(C1, grad), denom));
    store(m + i, mean);
    store(v + i, square);
    store(p + i, mul(K, sub(load(p + i), mul(A, mean))));
    i += BYTES;
  } while (i < end);
}
