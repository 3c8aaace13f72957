// AdEMAMix: Adam with a second, much slower mean. The rule and its formulas: src/optim/ademamix.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function ademamix(
  n: i32, p: usize, g: usize, m: usize, slow: usize, v: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2cRoot: f32, b3: f32, b3c: f32, slowShare: f32,
  rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * b1c), Q = splat(gradScale * b2cRoot), T = splat(gradScale * b3c), K = splat(keep);
  const B1 = splat(b1), B2 = splat(b2), B3 = splat(b3), D = splat(slowShare), R = splat(rootScale);
  const E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const root = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    const mean = add(mul(B1, load(m + i)), mul(S, grad));
    const slowMean = add(mul(B3, load(slow + i)), mul(T, grad));
    const denom = add(mul(sqrt(square), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(slow + i, slowMean);
    store(p + i, sub(mul(K, load(p + i)), div(add(mean, mul(D, slowMean)), denom)));
    i += BYTES;
  } while (i < end);
}
