// Rectified Adam with L2 or decoupled weight decay: l2 is 0, or keep 1. The rule and its formulas: src/optim/radam.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub, times } from "../lane";

export function radam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, l2: f32, keep: f32, b1: f32, b1c: f32, b2: f32, toRoot: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * b1c), L = splat(l2), K = splat(keep), B1 = splat(b1), B2 = splat(b2);
  const Q = splat(toRoot), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const intake = plus(mul(S, load(g + i)), L, theta);
    const root = mul(Q, intake);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    store(v + i, square);
    const mean = add(mul(B1, load(m + i)), intake);
    store(m + i, mean);
    const denom = add(mul(sqrt(square), R), E);
    store(p + i, sub(times(K, theta), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
