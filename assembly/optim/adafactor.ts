// Adafactor, for parameters whose second moment is not factored. The rule and its formulas: src/optim/adafactor.ts.
import { add, BYTES, div, load, mul, pmax, splat, sqrt, store, sub } from "../lane";

export function adafactorDirection(
  n: i32, _p: usize, g: usize, v: usize, u: usize,
  gradScale: f32, beta2: f32, oneMinusBeta2: f32, epsSquare: f32, epsInMax: f32,
): void {
  const S = splat(gradScale), B2 = splat(beta2), W = splat(oneMinusBeta2), E = splat(epsSquare), F = splat(epsInMax);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const square = add(mul(B2, load(v + i)), mul(W, add(mul(grad, grad), E)));
    store(v + i, square);
    store(u + i, div(grad, pmax(F, sqrt(square))));
    i += BYTES;
  } while (i < end);
}

export function adafactor(
  n: i32, p: usize, _g: usize, u: usize,
  _gradScale: f32, decayFactor: f32, stepSize: f32,
): void {
  const K = splat(decayFactor), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(K, load(p + i)), mul(A, load(u + i))));
    i += BYTES;
  } while (i < end);
}

export function adafactorMomentum(
  n: i32, p: usize, _g: usize, m: usize, u: usize,
  _gradScale: f32, decayFactor: f32, stepSize: f32, momentum: f32,
): void {
  const K = splat(decayFactor), A = splat(stepSize), M = splat(momentum);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const mean = add(mul(M, load(m + i)), mul(A, load(u + i)));
    store(m + i, mean);
    store(p + i, sub(mul(K, load(p + i)), mean));
    i += BYTES;
  } while (i < end);
}
