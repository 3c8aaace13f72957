// Adam with decaying momentum, as an average or as the paper has it. The rule and its formulas: src/optim/demonAdam.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function demonAdam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, keep: f32, b1: f32, intake: f32, b2: f32, b2cRoot: f32, epsRoot: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * intake), Q = splat(gradScale * b2cRoot), K = splat(keep), B1 = splat(b1), B2 = splat(b2);
  const I = splat(epsRoot), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const root = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    const mean = add(mul(B1, load(m + i)), mul(S, grad));
    const denom = add(mul(sqrt(add(square, I)), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(p + i, sub(mul(K, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
