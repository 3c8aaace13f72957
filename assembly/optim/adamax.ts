// AdaMax with ε inside the maximum or on the norm: one of the two is 0. The rule and its formulas: src/optim/adamax.ts.
import { abs, add, BYTES, div, load, mul, plus, pmax, splat, store, sub, times } from "../lane";

export function adamax(
  n: i32, p: usize, g: usize, m: usize, u: usize,
  gradScale: f32, l2: f32, keep: f32, b1c: f32, b2: f32, epsMax: f32, eps: f32, stepSize: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), C1 = splat(b1c), B2 = splat(b2);
  const I = splat(epsMax), E = splat(eps), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, theta);
    const last = load(m + i);
    const mean = add(last, mul(C1, sub(grad, last)));
    const norm = pmax(add(abs(grad), I), mul(B2, load(u + i)));
    store(m + i, mean);
    store(u + i, norm);
    store(p + i, sub(times(K, theta), div(mul(A, mean), add(norm, E))));
    i += BYTES;
  } while (i < end);
}
