// Schedule-Free SGD. The rule and its formulas: src/optim/scheduleFreeSgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function scheduleFreeSgd(
  n: i32, p: usize, g: usize, z: usize,
  gradScale: f32, decay: f32, c: f32, back: f32, lr: f32,
): void {
  const S = splat(gradScale * lr), L = splat(decay), C = splat(c), B = splat(back);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const y = load(p + i);
    const base = load(z + i);
    const push = add(mul(S, load(g + i)), mul(L, y));
    store(z + i, sub(base, push));
    store(p + i, add(add(y, mul(C, sub(base, y))), mul(B, push)));
    i += BYTES;
  } while (i < end);
}
