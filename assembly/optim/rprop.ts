// Resilient backpropagation. The rule and its formulas: src/optim/rprop.ts.
import { BYTES, bySignOr, load, lt, mul, pmax, pmin, signed, splat, store, sub, unless } from "../lane";

export function rprop(
  n: i32, p: usize, g: usize, previous: usize, size: usize,
  gradScale: f32, etaMinus: f32, etaPlus: f32, minStep: f32, maxStep: f32,
): void {
  const S = splat(gradScale), D = splat(etaMinus), U = splat(etaPlus);
  const LO = splat(minStep), HI = splat(maxStep);
  // Scaled by 2^64, so that the product of two small gradients does not underflow to 0.
  const F = splat(gradScale * 1.8446744073709552e19), zero = splat(0), one = splat(1);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const agreement = mul(load(previous + i), mul(F, grad));
    const turned = lt(agreement, zero);
    const factor = bySignOr(agreement, U, D, one);
    const step = pmin(pmax(mul(load(size + i), factor), LO), HI);
    const kept = unless(turned, mul(S, grad));
    store(previous + i, kept);
    store(size + i, step);
    store(p + i, sub(load(p + i), signed(step, kept)));
    i += BYTES;
  } while (i < end);
}
