// Muon. The rule and its formulas: src/optim/muon.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function muonDirection(
  n: i32, _p: usize, g: usize, b: usize, x: usize,
  gradScale: f32, momentum: f32, oneMinusMomentum: f32, bufferWeight: f32, gradWeight: f32,
): void {
  const S = splat(gradScale), M = splat(momentum), W = splat(oneMinusMomentum);
  const B = splat(bufferWeight), G = splat(gradWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    const mean = add(mul(M, load(b + i)), mul(W, grad));
    store(b + i, mean);
    store(x + i, add(mul(B, mean), mul(G, grad)));
    i += BYTES;
  } while (i < end);
}

export function muon(
  n: i32, p: usize, _g: usize, _b: usize, x: usize,
  _gradScale: f32, decayFactor: f32, stepSize: f32,
): void {
  const D = splat(decayFactor), A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, sub(mul(D, load(p + i)), mul(A, load(x + i))));
    i += BYTES;
  } while (i < end);
}
