// AdaBelief: Adam with the variance around the mean in place of the square. The rule and its formulas: src/optim/adabelief.ts.
import { add, BYTES, div, load, mul, pmax, splat, sqrt, store, sub } from "../lane";

export function adabelief(
  n: i32, p: usize, g: usize, m: usize, s: usize,
  gradScale: f32, l2: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, epsRoot: f32, stepSize: f32,
  rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2);
  const C2 = splat(b2c), ER = splat(epsRoot), A = splat(stepSize), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, before));
    const theta = mul(K, before);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const surprise = sub(grad, mean);
    const belief = add(add(mul(B2, load(s + i)), mul(C2, mul(surprise, surprise))), ER);
    const denom = add(mul(sqrt(belief), R), E);
    store(m + i, mean);
    store(s + i, belief);
    store(p + i, sub(theta, div(mul(A, mean), denom)));
    i += BYTES;
  } while (i < end);
}

export function adabeliefAmsgrad(
  n: i32, p: usize, g: usize, m: usize, s: usize, top: usize,
  gradScale: f32, l2: f32, keep: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, epsRoot: f32, stepSize: f32,
  rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2);
  const C2 = splat(b2c), ER = splat(epsRoot), A = splat(stepSize), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, before));
    const theta = mul(K, before);
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const surprise = sub(grad, mean);
    const belief = add(add(mul(B2, load(s + i)), mul(C2, mul(surprise, surprise))), ER);
    const largest = pmax(belief, load(top + i));
    const denom = add(mul(sqrt(largest), R), E);
    store(m + i, mean);
    store(s + i, belief);
    store(top + i, largest);
    store(p + i, sub(theta, div(mul(A, mean), denom)));
    i += BYTES;
  } while (i < end);
}
