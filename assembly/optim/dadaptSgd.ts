// SGD by D-adaptation. The rule and its formulas: src/optim/dadaptSgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function dadaptSgdSum(
  n: i32, p: usize, g: usize, _x0: usize, s: usize,
  gradScale: f32, l2: f32, sumWeight: f32,
): void {
  const S = splat(gradScale), L = splat(l2), W = splat(sumWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = add(mul(S, load(g + i)), mul(L, load(p + i)));
    store(s + i, add(load(s + i), mul(W, grad)));
    i += BYTES;
  } while (i < end);
}

export function dadaptSgd(
  n: i32, p: usize, _g: usize, x0: usize, s: usize,
  _gradScale: f32, momentum: f32, oneMinusMomentum: f32,
): void {
  const M = splat(momentum), C = splat(oneMinusMomentum);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, add(mul(M, load(p + i)), mul(C, sub(load(x0 + i), load(s + i)))));
    i += BYTES;
  } while (i < end);
}
