// Adam with decoupled weight decay. The rule and its formulas: src/optim/adamw.ts.
import { add, BYTES, div, load, mul, pmax, splat, sqrt, store, sub } from "../lane";

export function adamw(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2cRoot: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * b1c), Q = splat(gradScale * b2cRoot), K = splat(keep), B1 = splat(b1), B2 = splat(b2);
  const R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const root = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    const mean = add(mul(B1, load(m + i)), mul(S, grad));
    const denom = add(mul(sqrt(square), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(p + i, sub(mul(K, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

export function adamwAmsgrad(
  n: i32, p: usize, g: usize, m: usize, v: usize, top: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2cRoot: f32, maxScale: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale * b1c), Q = splat(gradScale * b2cRoot), K = splat(keep), B1 = splat(b1), B2 = splat(b2);
  const X = splat(maxScale), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const root = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    const mean = add(mul(B1, load(m + i)), mul(S, grad));
    const largest = pmax(mul(X, square), load(top + i));
    const denom = add(mul(sqrt(largest), R), E);
    store(v + i, square);
    store(m + i, mean);
    store(top + i, largest);
    store(p + i, sub(mul(K, load(p + i)), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
