// L-BFGS: what is element-wise in it besides sums and axpy. The rule and its formulas: src/optim/lbfgs.ts.
import { add, BYTES, load, mul, neg, splat, store, sub } from "../lane";

export function lbfgsPair(n: i32, p: usize, g: usize, x: usize, y: usize, gradScale: f32): void {
  const S = splat(gradScale);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(x + i, sub(load(p + i), load(x + i)));
    store(y + i, sub(mul(S, load(g + i)), load(y + i)));
    i += BYTES;
  } while (i < end);
}

export function lbfgsStart(n: i32, p: usize, g: usize, x: usize, y: usize, d: usize, gradScale: f32): void {
  const S = splat(gradScale);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const grad = mul(S, load(g + i));
    store(x + i, load(p + i));
    store(y + i, grad);
    store(d + i, neg(grad));
    i += BYTES;
  } while (i < end);
}

export function lbfgsMove(n: i32, p: usize, _g: usize, x: usize, d: usize, _gradScale: f32, stepSize: f32): void {
  const A = splat(stepSize);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    store(p + i, add(load(x + i), mul(A, load(d + i))));
    i += BYTES;
  } while (i < end);
}
