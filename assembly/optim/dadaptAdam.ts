// Adam by D-adaptation. The rule and its formulas: src/optim/dadaptAdam.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function dadaptAdamMoments(
  n: i32, p: usize, g: usize, s: usize, m: usize, v: usize, along: usize,
  gradScale: f32, l2: f32, beta1: f32, scaledOneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32, beta3: f32,
  sumWeight: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), B1 = splat(beta1), I = splat(scaledOneMinusBeta1), B2 = splat(beta2);
  const C2 = splat(oneMinusBeta2);
  const B3 = splat(beta3), W = splat(sumWeight), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = add(mul(S, load(g + i)), mul(L, load(p + i)));
    const sum = load(s + i);
    const square = load(v + i);
    store(along + i, mul(grad, div(sum, add(sqrt(square), E))));
    store(s + i, add(mul(B3, sum), mul(W, grad)));
    store(m + i, add(mul(B1, load(m + i)), mul(I, grad)));
    store(v + i, add(mul(B2, square), mul(C2, mul(grad, grad))));
    i += BYTES;
  } while (i < end);
}

export function dadaptAdam(
  n: i32, p: usize, _g: usize, _s: usize, m: usize, v: usize,
  _gradScale: f32, decayFactor: f32, eps: f32,
): void {
  const K = splat(decayFactor), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(K, load(p + i)), div(load(m + i), add(sqrt(load(v + i)), E))));
    i += BYTES;
  } while (i < end);
}
