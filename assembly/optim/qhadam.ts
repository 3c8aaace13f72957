// QHAdam: Adam that steps by mixtures of moments and present gradient. The rule and its formulas: src/optim/qhadam.ts.
import { add, BYTES, div, load, mul, plus, splat, sqrt, store, sub, times } from "../lane";

export function qhadam(
  n: i32, p: usize, g: usize, m: usize, v: usize,
  gradScale: f32, toRoot: f32, l2: f32, keep: f32, b1: f32, intake: f32, b2: f32, ofMean: f32, ofRoot: f32,
  ofSquare: f32, ofPower: f32, eps: f32,
): void {
  const S = splat(gradScale * toRoot), L = splat(l2), K = splat(keep), B1 = splat(b1), I = splat(intake), B2 = splat(b2);
  const V1 = splat(ofMean), U1 = splat(ofRoot), V2 = splat(ofSquare), U2 = splat(ofPower), E = splat(eps);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const before = load(p + i);
    const root = plus(mul(S, load(g + i)), L, before);
    const theta = times(K, before);
    const power = mul(root, root);
    const mean = add(mul(B1, load(m + i)), mul(I, root));
    const square = add(mul(B2, load(v + i)), power);
    const step = add(mul(V1, mean), mul(U1, root));
    const denom = add(sqrt(add(mul(V2, square), mul(U2, power))), E);
    store(m + i, mean);
    store(v + i, square);
    store(p + i, sub(theta, div(step, denom)));
    i += BYTES;
  } while (i < end);
}
