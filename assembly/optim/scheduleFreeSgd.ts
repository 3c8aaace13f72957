// Schedule-Free SGD. The rule and its formulas: src/optim/scheduleFreeSgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function scheduleFreeSgd(
  n: i32, p: usize, g: usize, z: usize,
  gradScale: f32, scaledL2: f32, averageWeight: f32, updateWeight: f32, lr: f32,
): void {
  const S = splat(gradScale * lr), L = splat(scaledL2), C = splat(averageWeight), B = splat(updateWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const y = load(p + i);
    const lastZ = load(z + i);
    const update = add(mul(S, load(g + i)), mul(L, y));
    store(z + i, sub(lastZ, update));
    store(p + i, add(add(y, mul(C, sub(lastZ, y))), mul(B, update)));
    i += BYTES;
  } while (i < end);
}
