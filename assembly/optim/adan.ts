// Adan: moments of the gradient and of its change. The rule and its formulas: src/optim/adan.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adan(
  n: i32, p: usize, g: usize, m: usize, d: usize, v: usize, last: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, b3: f32, b3c: f32, follows: f32, stepSize: f32,
  driftSize: f32, rootScale: f32, eps: f32, shrink: f32,
): void {
  const S = splat(gradScale), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2), C2 = splat(b2c);
  const B3 = splat(b3), C3 = splat(b3c), F = splat(follows), A = splat(stepSize), D = splat(driftSize);
  const R = splat(rootScale), E = splat(eps), H = splat(shrink);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = mul(K, load(p + i));
    const grad = mul(S, load(g + i));
    const change = mul(F, sub(grad, load(last + i)));
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const drift = add(mul(B2, load(d + i)), mul(C2, change));
    const ahead = add(grad, mul(B2, change));
    const square = add(mul(B3, load(v + i)), mul(C3, mul(ahead, ahead)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(d + i, drift);
    store(v + i, square);
    store(last + i, grad);
    store(p + i, mul(H, sub(theta, div(add(mul(A, mean), mul(D, drift)), denom))));
    i += BYTES;
  } while (i < end);
}
