// Quasi-hyperbolic momentum. The rule and its formulas: src/optim/qhm.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function qhm(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, keep: f32, l2: f32, beta: f32, betac: f32, meanRate: f32, gradRate: f32,
): void {
  const S = splat(gradScale), K = splat(keep), L = splat(l2), B = splat(beta), C = splat(betac);
  const A = splat(meanRate), D = splat(gradRate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const mean = add(mul(B, load(m + i)), mul(C, grad));
    store(m + i, mean);
    store(p + i, sub(mul(K, theta), add(mul(A, mean), mul(D, grad))));
    i += BYTES;
  } while (i < end);
}
