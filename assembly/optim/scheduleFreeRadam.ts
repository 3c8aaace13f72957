// Schedule-Free RAdam. The rule and its formulas: src/optim/scheduleFreeRadam.ts.
import { add, BYTES, div, load, mul, splat, sqrt, store, sub } from "../lane";

export function scheduleFreeRadam(
  n: i32, p: usize, g: usize, z: usize, v: usize,
  gradScale: f32, decay: f32, b2: f32, toRoot: f32, rootScale: f32, eps: f32, c: f32, back: f32,
): void {
  const S = splat(gradScale), D = splat(decay), B2 = splat(b2), Q = splat(toRoot), R = splat(rootScale);
  const E = splat(eps), C = splat(c), B = splat(back);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const y = load(p + i);
    const base = load(z + i);
    const grad = mul(S, load(g + i));
    const root = mul(Q, grad);
    const square = add(mul(B2, load(v + i)), mul(root, root));
    const push = add(div(grad, add(mul(sqrt(square), R), E)), mul(D, y));
    store(v + i, square);
    store(z + i, sub(base, push));
    store(p + i, add(add(y, mul(C, sub(base, y))), mul(B, push)));
    i += BYTES;
  } while (i < end);
}

export function scheduleFreeRadamEarly(
  n: i32, p: usize, g: usize, z: usize, v: usize,
  gradScale: f32, decay: f32, b2: f32, toRoot: f32, c: f32, back: f32, lr: f32,
): void {
  const S = splat(gradScale * lr), D = splat(decay), B2 = splat(b2), Q = splat(gradScale * toRoot);
  const C = splat(c), B = splat(back);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const y = load(p + i);
    const base = load(z + i);
    const grad = load(g + i);
    const push = add(mul(S, grad), mul(D, y));
    const root = mul(Q, grad);
    store(v + i, add(mul(B2, load(v + i)), mul(root, root)));
    store(z + i, sub(base, push));
    store(p + i, add(add(y, mul(C, sub(base, y))), mul(B, push)));
    i += BYTES;
  } while (i < end);
}
