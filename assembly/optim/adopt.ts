// ADOPT: Adam that divides by the second moment of the steps before. The rule and its formulas: src/optim/adopt.ts.
import { add, BYTES, div, load, mul, neg, pmax, pmin, splat, sqrt, store, sub } from "../lane";

export function adoptFirst(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, l2: f32,
): void {
  const S = splat(gradScale), L = splat(l2);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = add(mul(S, load(g + i)), mul(L, load(p + i)));
    store(v + i, mul(grad, grad));
    i += BYTES;
  } while (i < end);
}

export function adopt(
  n: i32, p: usize, g: usize, v: usize, m: usize,
  gradScale: f32, l2: f32, keep: f32, b1: f32, intake: f32, b2: f32, toRoot: f32, eps: f32, clip: f32, lr: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), K = splat(keep), B1 = splat(b1), C1 = splat(intake), B2 = splat(b2);
  const E = splat(eps), T = splat(clip), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const root = add(mul(S, load(g + i)), mul(L, before));
    const theta = mul(K, before);
    const square = load(v + i);
    const normed = div(root, pmax(sqrt(square), E));
    const clipped = pmax(pmin(normed, T), neg(T));
    const mean = add(mul(B1, load(m + i)), mul(C1, clipped));
    store(m + i, mean);
    store(v + i, add(mul(B2, square), mul(root, root)));
    store(p + i, sub(theta, mul(A, mean)));
    i += BYTES;
  } while (i < end);
}
