// Fromage: steps as long as the parameters of a tensor, times lr. The rule and its formulas: src/optim/fromage.ts.
import { BYTES, load, mul, splat, store, sub } from "../lane";

export function fromage(
  n: i32, p: usize, g: usize,
  gradScale: f32, gradUnit: f32, unitWeight: f32, decayFactor: f32,
): void {
  const S = splat(gradScale * gradUnit), W = splat(unitWeight), K = splat(decayFactor);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(K, load(p + i)), mul(W, mul(S, load(g + i)))));
    i += BYTES;
  } while (i < end);
}
