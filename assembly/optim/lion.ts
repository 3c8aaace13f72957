// Lion. The rule and its formulas: src/optim/lion.ts.
import { add, BYTES, bySign, load, mul, splat, store, sub, times } from "../lane";

export function lion(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, keep: f32, ratio: f32, b2: f32, b2c: f32, lr: f32,
): void {
  const S = splat(gradScale * ratio), G = splat(gradScale * b2c), K = splat(keep), B2 = splat(b2);
  const A = splat(lr), N = splat(-lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const mean = load(m + i);
    const blend = add(mean, mul(S, grad));
    store(m + i, add(mul(B2, mean), mul(G, grad)));
    store(p + i, sub(times(K, load(p + i)), bySign(blend, A, N)));
    i += BYTES;
  } while (i < end);
}
