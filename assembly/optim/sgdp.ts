// SGDP: momentum whose step is at right angles to scale-invariant weights. The rule and its formulas: src/optim/sgdp.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function sgdp(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, momentum: f32, newestWeight: f32, bufferStepSize: f32, gradStepSize: f32, bufferDecayFactor: f32,
): void {
  const N = splat(gradScale * newestWeight), M = splat(momentum);
  const B = splat(bufferStepSize), G = splat(gradScale * gradStepSize), D = splat(bufferDecayFactor);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const velocity = add(mul(M, load(b + i)), mul(N, rawGrad));
    store(b + i, velocity);
    store(p + i, sub(mul(D, load(p + i)), add(mul(B, velocity), mul(G, rawGrad))));
    i += BYTES;
  } while (i < end);
}

export function sgdpDirection(
  n: i32, _p: usize, g: usize, b: usize, u: usize,
  gradScale: f32, momentum: f32, newestWeight: f32, bufferWeight: f32, gradWeight: f32,
): void {
  const N = splat(gradScale * newestWeight), M = splat(momentum);
  const B = splat(bufferWeight), G = splat(gradScale * gradWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const rawGrad = load(g + i);
    const velocity = add(mul(M, load(b + i)), mul(N, rawGrad));
    store(b + i, velocity);
    store(u + i, add(mul(B, velocity), mul(G, rawGrad)));
    i += BYTES;
  } while (i < end);
}

export function sgdpProducts(
  n: i32, p: usize, g: usize, _b: usize, u: usize, up: usize, gp: usize, gg: usize, pp: usize,
  gradScale: f32,
): void {
  const S = splat(gradScale);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = mul(S, load(g + i));
    store(up + i, mul(load(u + i), theta));
    store(gp + i, mul(grad, theta));
    store(gg + i, mul(grad, grad));
    store(pp + i, mul(theta, theta));
    i += BYTES;
  } while (i < end);
}

export function sgdpProject(n: i32, p: usize, _g: usize, _b: usize, u: usize, k: usize, _gradScale: f32): void {
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(u + i, sub(load(u + i), mul(load(k + i), load(p + i))));
    i += BYTES;
  } while (i < end);
}
