// MARS: AdamW on variance-reduced gradients. The rule and its formulas: src/optim/mars.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function marsCorrect(
  n: i32, _p: usize, g: usize, _m: usize, _v: usize, last: usize, c: usize,
  gradScale: f32, correction: f32,
): void {
  const S = splat(gradScale), F = splat(correction);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    store(c + i, add(grad, mul(F, sub(grad, load(last + i)))));
    store(last + i, grad);
    i += BYTES;
  } while (i < end);
}

export function mars(
  n: i32, p: usize, _g: usize, m: usize, v: usize, _last: usize, c: usize,
  _gradScale: f32, scale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, stepSize: f32, rootScale: f32,
  eps: f32,
): void {
  const N = splat(scale), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2), C2 = splat(b2c);
  const A = splat(stepSize), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = mul(K, load(p + i));
    const grad = mul(N, load(c + i));
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(theta, div(mul(A, mean), denom)));
    i += BYTES;
  } while (i < end);
}
