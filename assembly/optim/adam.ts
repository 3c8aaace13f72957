// Adam with L2 weight decay. The rule and its formulas: src/optim/adam.ts.
import { add, BYTES, div, load, mul, plus, pmax, splat, sqrt, store, sub, times } from "../lane";

export function adam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, l2: f32, b1: f32, b1c: f32, b2: f32, toRoot: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * b1c), L = splat(l2), B1 = splat(b1), B2 = splat(b2), Q = splat(toRoot);
  const R = splat(rootScale), E = splat(eps);
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
    store(p + i, sub(theta, div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

export function adamAmsgrad(
  n: i32, p: usize, g: usize, m: usize, v: usize, top: usize,
  gradScale: f32, l2: f32, b1: f32, b1c: f32, b2: f32, toRoot: f32, maxScale: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * b1c), L = splat(l2), B1 = splat(b1), B2 = splat(b2), Q = splat(toRoot);
  const X = splat(maxScale), R = splat(rootScale), E = splat(eps);
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
    const largest = pmax(times(X, square), load(top + i));
    const denom = add(mul(sqrt(largest), R), E);
    store(top + i, largest);
    store(p + i, sub(theta, div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
