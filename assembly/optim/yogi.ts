// Yogi: Adam whose second moment moves by steps of its own size. The rule and its formulas: src/optim/yogi.ts.
import { add, BYTES, div, load, mul, plus, signed, splat, sqrt, store, sub, times } from "../lane";

export function yogi(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, l2: f32, keep: f32, b1: f32, b1c: f32, b2c: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), C2 = splat(b2c);
  const R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, before);
    const theta = times(K, before);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const last = load(v + i);
    const intake = mul(grad, grad);
    const square = sub(last, signed(mul(C2, intake), sub(last, intake)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(theta, div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
