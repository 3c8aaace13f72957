// SGDP: momentum whose step is at right angles to scale-invariant weights. The rule and its formulas: src/optim/sgdp.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function sgdp(
  n: i32, p: usize, g: usize, b: usize,
  gradScale: f32, momentum: f32, intake: f32, ofBuffer: f32, ofGrad: f32, keep: f32,
): void {
  const I = splat(gradScale * intake), M = splat(momentum), B = splat(ofBuffer), G = splat(gradScale * ofGrad);
  const K = splat(keep);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const buffer = add(mul(M, load(b + i)), mul(I, grad));
    store(b + i, buffer);
    store(p + i, sub(mul(K, load(p + i)), add(mul(B, buffer), mul(G, grad))));
    i += BYTES;
  } while (i < end);
}

export function sgdpDirection(
  n: i32, _p: usize, g: usize, b: usize, u: usize,
  gradScale: f32, momentum: f32, intake: f32, ofBuffer: f32, ofGrad: f32,
): void {
  const I = splat(gradScale * intake), M = splat(momentum), B = splat(ofBuffer), G = splat(gradScale * ofGrad);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = load(g + i);
    const buffer = add(mul(M, load(b + i)), mul(I, grad));
    store(b + i, buffer);
    store(u + i, add(mul(B, buffer), mul(G, grad)));
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
