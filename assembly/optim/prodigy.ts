// Prodigy: Adam with a rate found on the way. The rule and its formulas: src/optim/prodigy.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub } from "../lane";

export function prodigyMoments(
  n: i32, p: usize, g: usize, _p0: usize, s: usize, m: usize, v: usize,
  gradScale: f32, l2: f32, b1: f32, intake: f32, b2: f32, toRoot: f32, b3: f32, weight: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), B1 = splat(b1), C1 = splat(intake), B2 = splat(b2);
  const B3 = splat(b3), W = splat(weight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = plus(mul(S, load(g + i)), L, theta);
    store(s + i, add(mul(B3, load(s + i)), mul(W, root)));
    store(m + i, add(mul(B1, load(m + i)), mul(C1, root)));
    store(v + i, add(mul(B2, load(v + i)), mul(root, root)));
    i += BYTES;
  } while (i < end);
}

export function prodigy(
  n: i32, p: usize, _g: usize, _p0: usize, _s: usize, m: usize, v: usize,
  _gradScale: f32, keep: f32, eta: f32, eps: f32,
): void {
  const K = splat(keep), A = splat(eta), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(K, load(p + i)), div(mul(A, load(m + i)), add(sqrt(load(v + i)), E))));
    i += BYTES;
  } while (i < end);
}
