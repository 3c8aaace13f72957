// LaProp: momentum over normalized gradients. The rule and its formulas: src/optim/laprop.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function laprop(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, keep: f32, b1: f32, intake: f32, b2: f32, b2cRoot: f32, rootScale: f32, eps: f32, keptSize: f32,
): void {
  const S = splat(gradScale * intake), Q = splat(gradScale * b2cRoot), K = splat(keep), B1 = splat(b1), B2 = splat(b2);
  const R = splat(rootScale), E = splat(eps), A = splat(keptSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const root = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    store(v + i, square);
    const denom = add(mul(sqrt(square), R), E);
    const mean = add(mul(B1, load(m + i)), div(mul(S, grad), denom));
    store(m + i, mean);
    store(p + i, sub(mul(K, load(p + i)), mul(A, mean)));
    i += BYTES;
  } while (i < end);
}
