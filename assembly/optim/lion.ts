// Lion. The rule and its formulas: src/optim/lion.ts.
import { add, BYTES, load, mul, signed, splat, store, sub } from "../lane";

export function lion(
  n: i32, p: usize, g: usize, m: usize,
  gradScale: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, lr: f32,
): void {
  const S = splat(gradScale * b1c), N = splat(gradScale * b2c), K = splat(keep), B1 = splat(b1), B2 = splat(b2);
  const A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const mean = load(m + i);
    const blend = add(mul(B1, mean), mul(S, grad));
    store(m + i, add(mul(B2, mean), mul(N, grad)));
    store(p + i, sub(mul(K, load(p + i)), signed(A, blend)));
    i += BYTES;
  } while (i < end);
}
