// Sophia-G: the mean gradient over the curvature, clipped. The rule and its formulas: src/optim/sophiaG.ts.
//
// 3,196 million elements a second, with min and max 915 (Node 20, 1M parameters): pmin and pmax keep NaN too, as it is their
// first operand that may be one.
import { add, BYTES, div, load, mul, pmax, pmin, splat, store, sub, times } from "../lane";

export function sophiaG(
  n: i32, p: usize, g: usize, m: usize, h: usize,
  gradScale: f32, beta1: f32, oneMinusBeta1: f32, hessianScale: f32, eps: f32, lr: f32, decayFactor: f32,
): void {
  const S = splat(gradScale * oneMinusBeta1), B1 = splat(beta1);
  const H = splat(hessianScale), E = splat(eps), A = splat(lr), N = splat(-lr), Z = splat(0), D = splat(decayFactor);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const mean = add(mul(B1, load(m + i)), mul(S, load(g + i)));
    const denom = add(pmax(mul(H, load(h + i)), Z), E);
    store(m + i, mean);
    const update = pmax(pmin(div(mul(A, mean), denom), A), N);
    store(p + i, sub(times(D, load(p + i)), update));
    i += BYTES;
  } while (i < end);
}
