// Adadelta. The rule and its formulas: src/optim/adadelta.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub } from "../lane";

export function adadelta(
  n: i32, p: usize, g: usize, s: usize, d: usize,
  gradScale: f32, scaledL2: f32, rho: f32, sqrtOneMinusRho: f32, epsSquare: f32, foldedLr: f32,
): void {
  const S = splat(gradScale * sqrtOneMinusRho), L = splat(scaledL2), R = splat(rho), E = splat(epsSquare);
  const A = splat(foldedLr), F = splat(4294967296), N = splat(1.52587890625e-5);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    const rootedGrad = plus(mul(S, load(g + i)), L, theta);
    const square = add(mul(R, load(s + i)), mul(rootedGrad, rootedGrad));
    const updateSquare = load(d + i);
    const farRatio = div(mul(add(updateSquare, E), F), add(square, E));
    const rootedUpdate = mul(mul(sqrt(farRatio), rootedGrad), N);
    store(s + i, square);
    store(d + i, add(mul(R, updateSquare), mul(rootedUpdate, rootedUpdate)));
    store(p + i, sub(theta, mul(A, rootedUpdate)));
    i += BYTES;
  } while (i < end);
}
