// RMSProp with ε added to the root or inside it: the other one is 0. The rule and its formulas: src/optim/rmsprop.ts.
import { add, BYTES, div, load, mul, plus, pmax, splat, sqrt, store, sub } from "../lane";

export function rmsprop(
  n: i32, p: usize, g: usize, s: usize,
  gradScale: f32, scaledL2: f32, alpha: f32, sqrtOneMinusAlpha: f32, epsSquare: f32, eps: f32, foldedLr: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusAlpha), L = splat(scaledL2), D = splat(alpha);
  const I = splat(epsSquare), E = splat(eps), A = splat(foldedLr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = add(mul(S, load(g + i)), mul(L, theta));
    const square = add(mul(D, load(s + i)), mul(rootedGrad, rootedGrad));
    const denom = add(sqrt(add(square, I)), E);
    store(s + i, square);
    store(p + i, sub(theta, div(mul(A, rootedGrad), denom)));
    i += BYTES;
  } while (i < end);
}

export function rmspropCentered(
  n: i32, p: usize, g: usize, s: usize, m: usize,
  gradScale: f32, scaledL2: f32, alpha: f32, sqrtOneMinusAlpha: f32, epsSquare: f32, eps: f32, foldedLr: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusAlpha), L = splat(scaledL2), D = splat(alpha), Q = splat(sqrtOneMinusAlpha);
  const I = splat(epsSquare), E = splat(eps), A = splat(foldedLr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = add(mul(S, load(g + i)), mul(L, theta));
    const square = add(mul(D, load(s + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(D, load(m + i)), mul(Q, rootedGrad));
    const variance = pmax(sub(square, mul(mean, mean)), splat(0));
    const denom = add(sqrt(add(variance, I)), E);
    store(s + i, square);
    store(m + i, mean);
    store(p + i, sub(theta, div(mul(A, rootedGrad), denom)));
    i += BYTES;
  } while (i < end);
}

export function rmspropMomentum(
  n: i32, p: usize, g: usize, s: usize, b: usize,
  gradScale: f32, scaledL2: f32, alpha: f32, sqrtOneMinusAlpha: f32, epsSquare: f32, eps: f32, foldedVelocityLr: f32,
  momentum: f32, updateLr: f32, velocityLr: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusAlpha), L = splat(scaledL2), D = splat(alpha);
  const I = splat(epsSquare), E = splat(eps);
  const N = splat(foldedVelocityLr), M = splat(momentum), F = splat(updateLr), H = splat(velocityLr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = plus(mul(S, load(g + i)), L, theta);
    const square = add(mul(D, load(s + i)), mul(rootedGrad, rootedGrad));
    const denom = add(sqrt(add(square, I)), E);
    const update = div(mul(N, rootedGrad), denom);
    const velocity = add(mul(M, load(b + i)), update);
    store(s + i, square);
    store(b + i, velocity);
    store(p + i, sub(theta, add(mul(F, update), mul(H, velocity))));
    i += BYTES;
  } while (i < end);
}

export function rmspropCenteredMomentum(
  n: i32, p: usize, g: usize, s: usize, m: usize, b: usize,
  gradScale: f32, scaledL2: f32, alpha: f32, sqrtOneMinusAlpha: f32, epsSquare: f32, eps: f32, foldedVelocityLr: f32,
  momentum: f32, updateLr: f32, velocityLr: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusAlpha), L = splat(scaledL2), D = splat(alpha), Q = splat(sqrtOneMinusAlpha);
  const I = splat(epsSquare), E = splat(eps);
  const N = splat(foldedVelocityLr), M = splat(momentum), F = splat(updateLr), H = splat(velocityLr);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = plus(mul(S, load(g + i)), L, theta);
    const square = add(mul(D, load(s + i)), mul(rootedGrad, rootedGrad));
    const mean = add(mul(D, load(m + i)), mul(Q, rootedGrad));
    const variance = pmax(sub(square, mul(mean, mean)), splat(0));
    const denom = add(sqrt(add(variance, I)), E);
    const update = div(mul(N, rootedGrad), denom);
    const velocity = add(mul(M, load(b + i)), update);
    store(s + i, square);
    store(m + i, mean);
    store(b + i, velocity);
    store(p + i, sub(theta, add(mul(F, update), mul(H, velocity))));
    i += BYTES;
  } while (i < end);
}
