// AMSGrad as its paper has it. The rule and its formulas: src/optim/amsgrad.ts.
import { add, BYTES, div, load, mul, pmax, splat, sqrt, store, sub } from "../lane";

export function amsgrad(
  n: i32, p: usize, g: usize, m: usize, v: usize, top: usize,
  gradScale: f32, l2: f32, b1: f32, intake: f32, b2: f32, toRoot: f32, stepSize: f32, eps: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), B1 = splat(b1), C1 = splat(intake), B2 = splat(b2);
  const A = splat(stepSize), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = add(mul(S, load(g + i)), mul(L, theta));
    const mean = add(mul(B1, load(m + i)), mul(C1, root));
    const square = add(mul(B2, load(v + i)), mul(root, root));
    const largest = pmax(square, load(top + i));
    store(m + i, mean);
    store(v + i, square);
    store(top + i, largest);
    store(p + i, sub(theta, div(mul(A, mean), add(sqrt(largest), E))));
    i += BYTES;
  } while (i < end);
}
