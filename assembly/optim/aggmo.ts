// Aggregated momentum, one kernel for each number of velocities. The rule and its formulas: src/optim/aggmo.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function aggmo1(
  n: i32, p: usize, g: usize, v1: usize,
  gradScale: f32, l2: f32, lrPerVelocity: f32, gradWeight: f32, beta1: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lrPerVelocity), G = splat(gradWeight);
  const B1 = splat(beta1);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity1 = add(mul(B1, load(v1 + i)), grad);
    store(v1 + i, velocity1);
    store(p + i, sub(theta, mul(A, add(mul(G, grad), velocity1))));
    i += BYTES;
  } while (i < end);
}

export function aggmo2(
  n: i32, p: usize, g: usize, v1: usize, v2: usize,
  gradScale: f32, l2: f32, lrPerVelocity: f32, gradWeight: f32, beta1: f32, beta2: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lrPerVelocity), G = splat(gradWeight);
  const B1 = splat(beta1), B2 = splat(beta2);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity1 = add(mul(B1, load(v1 + i)), grad);
    const velocity2 = add(mul(B2, load(v2 + i)), grad);
    store(v1 + i, velocity1);
    store(v2 + i, velocity2);
    store(p + i, sub(theta, mul(A, add(add(mul(G, grad), velocity1), velocity2))));
    i += BYTES;
  } while (i < end);
}

export function aggmo3(
  n: i32, p: usize, g: usize, v1: usize, v2: usize, v3: usize,
  gradScale: f32, l2: f32, lrPerVelocity: f32, gradWeight: f32, beta1: f32, beta2: f32, beta3: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lrPerVelocity), G = splat(gradWeight);
  const B1 = splat(beta1), B2 = splat(beta2), B3 = splat(beta3);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity1 = add(mul(B1, load(v1 + i)), grad);
    const velocity2 = add(mul(B2, load(v2 + i)), grad);
    const velocity3 = add(mul(B3, load(v3 + i)), grad);
    store(v1 + i, velocity1);
    store(v2 + i, velocity2);
    store(v3 + i, velocity3);
    store(p + i, sub(theta, mul(A, add(add(add(mul(G, grad), velocity1), velocity2), velocity3))));
    i += BYTES;
  } while (i < end);
}

export function aggmo4(
  n: i32, p: usize, g: usize, v1: usize, v2: usize, v3: usize, v4: usize,
  gradScale: f32, l2: f32, lrPerVelocity: f32, gradWeight: f32, beta1: f32, beta2: f32, beta3: f32, beta4: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lrPerVelocity), G = splat(gradWeight);
  const B1 = splat(beta1), B2 = splat(beta2), B3 = splat(beta3), B4 = splat(beta4);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity1 = add(mul(B1, load(v1 + i)), grad);
    const velocity2 = add(mul(B2, load(v2 + i)), grad);
    const velocity3 = add(mul(B3, load(v3 + i)), grad);
    const velocity4 = add(mul(B4, load(v4 + i)), grad);
    store(v1 + i, velocity1);
    store(v2 + i, velocity2);
    store(v3 + i, velocity3);
    store(v4 + i, velocity4);
    store(p + i, sub(theta, mul(A, add(add(add(add(mul(G, grad), velocity1), velocity2), velocity3), velocity4))));
    i += BYTES;
  } while (i < end);
}

export function aggmo5(
  n: i32, p: usize, g: usize, v1: usize, v2: usize, v3: usize, v4: usize, v5: usize,
  gradScale: f32, l2: f32, lrPerVelocity: f32, gradWeight: f32,
  beta1: f32, beta2: f32, beta3: f32, beta4: f32, beta5: f32,
): void {
  const S = splat(gradScale), L = splat(l2), A = splat(lrPerVelocity), G = splat(gradWeight);
  const B1 = splat(beta1), B2 = splat(beta2), B3 = splat(beta3), B4 = splat(beta4), B5 = splat(beta5);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = add(mul(S, load(g + i)), mul(L, theta));
    const velocity1 = add(mul(B1, load(v1 + i)), grad);
    const velocity2 = add(mul(B2, load(v2 + i)), grad);
    const velocity3 = add(mul(B3, load(v3 + i)), grad);
    const velocity4 = add(mul(B4, load(v4 + i)), grad);
    const velocity5 = add(mul(B5, load(v5 + i)), grad);
    store(v1 + i, velocity1);
    store(v2 + i, velocity2);
    store(v3 + i, velocity3);
    store(v4 + i, velocity4);
    store(v5 + i, velocity5);
    store(p + i, sub(theta, mul(A, add(add(add(add(add(mul(G, grad), velocity1), velocity2), velocity3), velocity4), velocity5))));
    i += BYTES;
  } while (i < end);
}
