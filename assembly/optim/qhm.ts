// Quasi-hyperbolic momentum. The rule and its formulas: src/optim/qhm.ts.
import { add, BYTES, load, mul, plus, splat, store, sub, times } from "../lane";

export function qhm(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, keep: f32, l2: f32, beta: f32, betac: f32, meanRate: f32, intakeRate: f32,
): void {
  const S = splat(gradScale * betac), K = splat(keep), L = splat(l2), B = splat(beta);
  const A = splat(meanRate), D = splat(intakeRate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const intake = plus(mul(S, load(g + i)), L, theta);
    const mean = add(mul(B, load(m + i)), intake);
    store(m + i, mean);
    store(p + i, sub(times(K, theta), add(mul(A, mean), mul(D, intake))));
    i += BYTES;
  } while (i < end);
}
