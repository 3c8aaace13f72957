// Yogi: Adam whose second moment moves by (1 - β₂) g² whatever its size. The rule and its formulas: src/optim/yogi.ts.
import { add, BYTES, div, load, mul, plus, signed, splat, sqrt, store, sub, times } from "../lane";

export function yogi(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, l2: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, oneMinusBeta2: f32,
  denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), D = splat(decayFactor);
  const B1 = splat(beta1), C1 = splat(oneMinusBeta1), C2 = splat(oneMinusBeta2);
  const R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, theta);
    const decayed = times(D, theta);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const lastSquare = load(v + i);
    const gradSquare = mul(grad, grad);
    const square = sub(lastSquare, signed(mul(C2, gradSquare), sub(lastSquare, gradSquare)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(decayed, div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
