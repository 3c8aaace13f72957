// Nesterov's accelerated gradient with a true look-ahead. The rule and its formulas: src/optim/nag.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function nagAhead(n: i32, p: usize, _g: usize, v: usize, _gradScale: f32, momentum: f32): void {
  const M = splat(momentum);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(load(p + i), mul(M, load(v + i))));
    i += BYTES;
  } while (i < end);
}

export function nag(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, l2: f32, momentum: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), M = splat(momentum), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const lookAhead = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, lookAhead));
    const weightedGrad = mul(A, grad);
    store(v + i, add(mul(M, load(v + i)), weightedGrad));
    store(p + i, sub(lookAhead, weightedGrad));
    i += BYTES;
  } while (i < end);
}
