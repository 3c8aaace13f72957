// Schedule-Free RAdam. The rule and its formulas: src/optim/scheduleFreeRadam.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function scheduleFreeRadam(
  n: i32, p: usize, g: usize, z: usize, v: usize,
  gradScale: f32, scaledDecay: f32, beta2: f32, sqrtOneMinusBeta2: f32, denomScale: f32, denomEps: f32,
  averageWeight: f32, updateWeight: f32,
): void {
  const S = splat(gradScale), D = splat(scaledDecay), B2 = splat(beta2), Q = splat(sqrtOneMinusBeta2);
  const R = splat(denomScale);
  const E = splat(denomEps), C = splat(averageWeight), B = splat(updateWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const y = load(p + i);
    const lastZ = load(z + i);
    const grad = mul(S, load(g + i));
    const rootedGrad = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad));
    const update = add(div(grad, add(mul(sqrt(square), R), E)), mul(D, y));
    store(v + i, square);
    store(z + i, sub(lastZ, update));
    store(p + i, add(add(y, mul(C, sub(lastZ, y))), mul(B, update)));
    i += BYTES;
  } while (i < end);
}

export function scheduleFreeRadamEarly(
  n: i32, p: usize, g: usize, z: usize, v: usize,
  gradScale: f32, scaledDecay: f32, beta2: f32, sqrtOneMinusBeta2: f32, averageWeight: f32, updateWeight: f32,
  lr: f32,
): void {
  const S = splat(gradScale * lr), D = splat(scaledDecay), B2 = splat(beta2);
  const Q = splat(gradScale * sqrtOneMinusBeta2);
  const C = splat(averageWeight), B = splat(updateWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const y = load(p + i);
    const lastZ = load(z + i);
    const rawGrad = load(g + i);
    const update = add(mul(S, rawGrad), mul(D, y));
    const rootedGrad = mul(Q, rawGrad);
    store(v + i, add(mul(B2, load(v + i)), mul(rootedGrad, rootedGrad)));
    store(z + i, sub(lastZ, update));
    store(p + i, add(add(y, mul(C, sub(lastZ, y))), mul(B, update)));
    i += BYTES;
  } while (i < end);
}
