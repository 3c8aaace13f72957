// Adan: moments of the gradient and of its change. The rule and its formulas: src/optim/adan.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adan(
  n: i32, p: usize, g: usize, m: usize, d: usize, v: usize, last: usize,
  gradScale: f32, decayFactor: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32, beta3: f32,
  sqrtOneMinusBeta3: f32, meanChangeWeight: f32, denomScale: f32, denomEps: f32,
): void {
  const S = splat(gradScale), K = splat(decayFactor), B1 = splat(beta1), C1 = splat(oneMinusBeta1);
  const B2 = splat(beta2), C2 = splat(oneMinusBeta2), B3 = splat(beta3), Q = splat(sqrtOneMinusBeta3);
  const D = splat(meanChangeWeight), R = splat(denomScale), E = splat(denomEps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const change = sub(grad, load(last + i));
    const rootedLookAhead = mul(Q, add(grad, mul(B2, change)));
    const square = add(mul(B3, load(v + i)), mul(rootedLookAhead, rootedLookAhead));
    store(v + i, square);
    store(last + i, grad);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    store(m + i, mean);
    const meanChange = add(mul(B2, load(d + i)), mul(C2, change));
    store(d + i, meanChange);
    const denom = add(mul(sqrt(square), R), E);
    store(p + i, sub(mul(K, load(p + i)), div(add(mean, mul(D, meanChange)), denom)));
    i += BYTES;
  } while (i < end);
}
