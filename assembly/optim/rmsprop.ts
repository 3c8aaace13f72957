// RMSProp with ε at the root or inside it: one of the two is 0. The rule and its formulas: src/optim/rmsprop.ts.
import { add, BYTES, div, load, mul, plus, pmax, splat, sqrt, store, sub } from "../lane";

export function rmsprop(
  n: i32, p: usize, g: usize, s: usize,
  gradScale: f32, l2: f32, a: f32, toRoot: f32, epsRoot: f32, eps: f32, rate: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), D = splat(a), I = splat(epsRoot), E = splat(eps);
  const A = splat(rate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = add(mul(S, load(g + i)), mul(L, theta));
    const square = add(mul(D, load(s + i)), mul(root, root));
    const denom = add(sqrt(add(square, I)), E);
    store(s + i, square);
    store(p + i, sub(theta, div(mul(A, root), denom)));
    i += BYTES;
  } while (i < end);
}

export function rmspropCentered(
  n: i32, p: usize, g: usize, s: usize, m: usize,
  gradScale: f32, l2: f32, a: f32, toRoot: f32, epsRoot: f32, eps: f32, rate: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), D = splat(a), Q = splat(toRoot), I = splat(epsRoot), E = splat(eps);
  const A = splat(rate);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = add(mul(S, load(g + i)), mul(L, theta));
    const square = add(mul(D, load(s + i)), mul(root, root));
    const mean = add(mul(D, load(m + i)), mul(Q, root));
    const variance = pmax(sub(square, mul(mean, mean)), splat(0));
    const denom = add(sqrt(add(variance, I)), E);
    store(s + i, square);
    store(m + i, mean);
    store(p + i, sub(theta, div(mul(A, root), denom)));
    i += BYTES;
  } while (i < end);
}

export function rmspropMomentum(
  n: i32, p: usize, g: usize, s: usize, b: usize,
  gradScale: f32, l2: f32, a: f32, toRoot: f32, epsRoot: f32, eps: f32, intake: f32, momentum: f32, fresh: f32, ahead: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), D = splat(a), I = splat(epsRoot), E = splat(eps);
  const N = splat(intake), M = splat(momentum), F = splat(fresh), H = splat(ahead);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = plus(mul(S, load(g + i)), L, theta);
    const square = add(mul(D, load(s + i)), mul(root, root));
    const denom = add(sqrt(add(square, I)), E);
    const scaled = div(mul(N, root), denom);
    const buffer = add(mul(M, load(b + i)), scaled);
    store(s + i, square);
    store(b + i, buffer);
    store(p + i, sub(theta, add(mul(F, scaled), mul(H, buffer))));
    i += BYTES;
  } while (i < end);
}

export function rmspropCenteredMomentum(
  n: i32, p: usize, g: usize, s: usize, m: usize, b: usize,
  gradScale: f32, l2: f32, a: f32, toRoot: f32, epsRoot: f32, eps: f32, intake: f32, momentum: f32, fresh: f32, ahead: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), D = splat(a), Q = splat(toRoot), I = splat(epsRoot), E = splat(eps);
  const N = splat(intake), M = splat(momentum), F = splat(fresh), H = splat(ahead);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const root = plus(mul(S, load(g + i)), L, theta);
    const square = add(mul(D, load(s + i)), mul(root, root));
    const mean = add(mul(D, load(m + i)), mul(Q, root));
    const variance = pmax(sub(square, mul(mean, mean)), splat(0));
    const denom = add(sqrt(add(variance, I)), E);
    const scaled = div(mul(N, root), denom);
    const buffer = add(mul(M, load(b + i)), scaled);
    store(s + i, square);
    store(m + i, mean);
    store(b + i, buffer);
    store(p + i, sub(theta, add(mul(F, scaled), mul(H, buffer))));
    i += BYTES;
  } while (i < end);
}
