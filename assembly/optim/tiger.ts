// Tiger. The rule and its formulas: src/optim/tiger.ts.
import { add, BYTES, bySign, load, mul, splat, store, sub } from "../lane";

export function tiger(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, decayFactor: f32, beta: f32, oneMinusBeta: f32, lr: f32,
): void {
  const S = splat(gradScale * oneMinusBeta), D = splat(decayFactor), B = splat(beta);
  const A = splat(lr), N = splat(-lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const mean = add(mul(B, load(m + i)), mul(S, load(g + i)));
    store(m + i, mean);
    store(p + i, sub(mul(D, load(p + i)), bySign(mean, A, N)));
    i += BYTES;
  } while (i < end);
}
