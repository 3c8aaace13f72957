// NovoGrad: Adam with one second moment for each tensor. The rule and its formulas: src/optim/novograd.ts.
import { add, BYTES, load, mul, plus, splat, store, sub } from "../lane";

export function novograd(
  n: i32, p: usize, g: usize, m: usize, _norm: usize,
  gradScale: f32, gradUnit: f32, unitWeight: f32, scaledL2: f32, beta1: f32, lr: f32,
): void {
  const S = splat(gradScale * gradUnit), W = splat(unitWeight), L = splat(scaledL2);
  const B1 = splat(beta1), A = splat(lr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const weightedGrad = plus(mul(W, mul(S, load(g + i))), L, theta);
    const mean = add(mul(B1, load(m + i)), weightedGrad);
    store(m + i, mean);
    store(p + i, sub(theta, mul(A, mean)));
    i += BYTES;
  } while (i < end);
}
