// Nesterov's accelerated gradient by look-ahead. The rule and its formulas: src/optim/nag.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function nagAhead(n: i32, p: usize, _g: usize, v: usize, _gradScale: f32, beta: f32): void {
  const B = splat(beta);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(load(p + i), mul(B, load(v + i))));
    i += BYTES;
  } while (i < end);
}

export function nag(
  n: i32, p: usize, g: usize, v: usize,
  gradScale: f32, l2: f32, beta: f32, lr: f32,
): void {
  const S = splat(gradScale), L = splat(l2), B = splat(beta), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const ahead = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, ahead));
    const push = mul(A, grad);
    store(v + i, add(mul(B, load(v + i)), push));
    store(p + i, sub(ahead, push));
    i += BYTES;
  } while (i < end);
}
