// Adan: moments of the gradient and of its change. The rule and its formulas: src/optim/adan.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adan(
  n: i32, p: usize, g: usize, m: usize, d: usize, v: usize, last: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, b3: f32, b3cRoot: f32, driftShare: f32,
  rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2), C2 = splat(b2c);
  const B3 = splat(b3), Q = splat(b3cRoot), D = splat(driftShare), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const change = sub(grad, load(last + i));
    const root = mul(Q, add(grad, mul(B2, change)));
    const square = add(mul(B3, load(v + i)), mul(root, root));
    store(v + i, square);
    store(last + i, grad);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    store(m + i, mean);
    const drift = add(mul(B2, load(d + i)), mul(C2, change));
    store(d + i, drift);
    const denom = add(mul(sqrt(square), R), E);
    store(p + i, sub(mul(K, load(p + i)), div(add(mean, mul(D, drift)), denom)));
    i += BYTES;
  } while (i < end);
}
