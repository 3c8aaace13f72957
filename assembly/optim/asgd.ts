// Averaged stochastic gradient descent. The rule and its formulas: src/optim/asgd.ts.
import { add, BYTES, load, mul, splat, store, sub } from "../lane";

export function asgd(
  n: i32, p: usize, g: usize, ax: usize,
  gradScale: f32, etaDecayFactor: f32, eta: f32,
): void {
  const S = splat(gradScale * eta), D = splat(etaDecayFactor);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const next = sub(mul(D, load(p + i)), mul(S, load(g + i)));
    store(p + i, next);
    store(ax + i, next);
    i += BYTES;
  } while (i < end);
}

export function asgdAverage(
  n: i32, p: usize, g: usize, ax: usize,
  gradScale: f32, etaDecayFactor: f32, eta: f32, averageWeight: f32,
): void {
  const S = splat(gradScale * eta), D = splat(etaDecayFactor), W = splat(averageWeight);
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const next = sub(mul(D, load(p + i)), mul(S, load(g + i)));
    const average = load(ax + i);
    store(p + i, next);
    store(ax + i, add(average, mul(W, sub(next, average))));
    i += BYTES;
  } while (i < end);
}

export function asgdSwap(n: i32, p: usize, _g: usize, ax: usize, _gradScale: f32): void {
  const end = <usize>n << 2;
  let i: usize = 0;
  do {
    const theta = load(p + i);
    store(p + i, load(ax + i));
    store(ax + i, theta);
    i += BYTES;
  } while (i < end);
}
