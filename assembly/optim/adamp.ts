// AdamP: Adam whose step is at right angles to scale-invariant weights. The rule and its formulas: src/optim/adamp.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adamp(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, ofMean: f32, ofGrad: f32, rootScale: f32, eps: f32, keep: f32,
): void {
  const S = splat(gradScale), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2), C2 = splat(b2c), M = splat(ofMean);
  const G = splat(ofGrad), R = splat(rootScale), E = splat(eps), K = splat(keep);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    const step = div(add(mul(M, mean), mul(G, grad)), denom);
    store(p + i, sub(mul(K, load(p + i)), step));
    i += BYTES;
  } while (i < end);
}

export function adampDirection(
  n: i32, _p: usize, g: usize, m: usize, v: usize, u: usize,
  gradScale: f32, b1: f32, b1c: f32, b2: f32, b2c: f32, ofMean: f32, ofGrad: f32, rootScale: f32, eps: f32,
): void {
  const S = splat(gradScale), B1 = splat(b1), C1 = splat(b1c), B2 = splat(b2), C2 = splat(b2c), M = splat(ofMean);
  const G = splat(ofGrad), R = splat(rootScale), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const mean = add(mul(B1, load(m + i)), mul(C1, grad));
    const square = add(mul(B2, load(v + i)), mul(C2, mul(grad, grad)));
    const denom = add(mul(sqrt(square), R), E);
    store(m + i, mean);
    store(v + i, square);
    store(u + i, div(add(mul(M, mean), mul(G, grad)), denom));
    i += BYTES;
  } while (i < end);
}

export function adampProducts(
  n: i32, p: usize, g: usize, _m: usize, _v: usize, u: usize, up: usize, gp: usize, gg: usize, pp: usize,
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

export function adampProject(
  n: i32, p: usize, _g: usize, _m: usize, _v: usize, u: usize, k: usize,
  _gradScale: f32,
): void {
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(u + i, sub(load(u + i), mul(load(k + i), load(p + i))));
    i += BYTES;
  } while (i < end);
}
