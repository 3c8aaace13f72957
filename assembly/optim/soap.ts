// SOAP: Adam in the eigenbasis of Shampoo's statistics. The rule and its formulas: src/optim/soap.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store } from "../lane";

export function soap(
  n: i32, _p: usize, _g: usize, m: usize, v: usize, u: usize,
  _gradScale: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32, eps: f32,
): void {
  const B1 = splat(beta1), C1 = splat(oneMinusBeta1), B2 = splat(beta2), C2 = splat(oneMinusBeta2), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(u + i);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    store(m + i, mean);
    store(v + i, square);
    store(u + i, div(mean, add(sqrt(square), E)));
    i += BYTES;
  } while (i < end);
}
