// AdaBelief: Adam with the variance around the mean in place of the square. The rule and its formulas: src/optim/adabelief.ts.
import { add, BYTES, div, load, mul, plus, pmax, splat, sqrt, store, sub, times } from "../lane";

export function adabelief(
  n: i32, p: usize, g: usize, m: usize, s: usize,
  gradScale: f32, l2: f32, keep: f32, b1c: f32, b2: f32, toRoot: f32, epsRoot: f32,
  rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), C1 = splat(b1c), B2 = splat(b2);
  const Q = splat(toRoot), ER = splat(epsRoot), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, before));
    const last = load(m + i);
    const change = sub(grad, last);
    const surprise = mul(Q, change);
    const belief = add(add(mul(B2, load(s + i)), mul(surprise, surprise)), ER);
    store(s + i, belief);
    const mean = add(last, mul(C1, change));
    store(m + i, mean);
    const denom = add(mul(sqrt(belief), R), E);
    store(p + i, sub(mul(K, before), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}

export function adabeliefAmsgrad(
  n: i32, p: usize, g: usize, m: usize, s: usize, top: usize,
  gradScale: f32, l2: f32, keep: f32, b1c: f32, b2: f32, toRoot: f32, epsRoot: f32,
  rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), L = splat(l2), K = splat(keep), C1 = splat(b1c), B2 = splat(b2);
  const Q = splat(toRoot), ER = splat(epsRoot), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const grad = plus(mul(S, load(g + i)), L, before);
    const last = load(m + i);
    const change = sub(grad, last);
    const surprise = mul(Q, change);
    const belief = add(add(mul(B2, load(s + i)), mul(surprise, surprise)), ER);
    store(s + i, belief);
    const mean = add(last, mul(C1, change));
    store(m + i, mean);
    const largest = pmax(belief, load(top + i));
    const denom = add(mul(sqrt(largest), R), E);
    store(top + i, largest);
    store(p + i, sub(times(K, before), div(mean, denom)));
    i += BYTES;
  } while (i < end);
}
