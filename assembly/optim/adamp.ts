// AdamP: Adam whose step is at right angles to scale-invariant weights. The rule and its formulas: src/optim/adamp.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function adamp(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32,
  meanStepSize: f32, gradStepSize: f32, rootCorrection: f32, eps: f32, decayFactor: f32,
): void {
  const S = splat(gradScale);
  const B1 = splat(beta1), C1 = splat(oneMinusBeta1), B2 = splat(beta2), C2 = splat(oneMinusBeta2);
  const M = splat(meanStepSize), G = splat(gradStepSize), R = splat(rootCorrection), E = splat(eps);
  const D = splat(decayFactor);
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
    store(p + i, sub(mul(D, load(p + i)), step));
    i += BYTES;
  } while (i < end);
}

export function adampDirection(
  n: i32, _p: usize, g: usize, m: usize, v: usize, u: usize,
  gradScale: f32, beta1: f32, oneMinusBeta1: f32, beta2: f32, oneMinusBeta2: f32,
  meanWeight: f32, gradWeight: f32, rootCorrection: f32, eps: f32,
): void {
  const S = splat(gradScale);
  const B1 = splat(beta1), C1 = splat(oneMinusBeta1), B2 = splat(beta2), C2 = splat(oneMinusBeta2);
  const M = splat(meanWeight), G = splat(gradWeight), R = splat(rootCorrection), E = splat(eps);
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
  n: i32, p: usize, g: usize, _m: usize, _v: usize,
  u: usize, uTheta: usize, gradTheta: usize, gradSquare: usize, thetaSquare: usize,
  gradScale: f32,
): void {
  const S = splat(gradScale);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const grad = mul(S, load(g + i));
    store(uTheta + i, mul(load(u + i), theta));
    store(gradTheta + i, mul(grad, theta));
    store(gradSquare + i, mul(grad, grad));
    store(thetaSquare + i, mul(theta, theta));
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
