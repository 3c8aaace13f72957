// Losses of one prediction compared with one target, element by element. Each kernel writes the loss of every element
// to `losses` and the derivative of that loss, times s, to d.
import {
  abs,
  add,
  BYTES,
  div,
  eq,
  load,
  mul,
  neg,
  pmax,
  pmin,
  positive,
  select,
  signed,
  splat,
  store,
  sub,
} from "../lane";
import * as math from "../math";

/** |y - t|, with derivative sign(y - t): 0 at 0, NaN for NaN. */
export function l1(n: i32, y: usize, t: usize, d: usize, losses: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const e = sub(load(y + i), load(t + i));
    store(losses + i, abs(e));
    store(d + i, select(eq(e, e), signed(S, e), e));
    i += BYTES;
  } while (i < end);
}

/** c (|e| - c / 2) with e = y - t and c = min(|e|, delta): e^2 / 2 near 0, and linear from delta on. */
export function huber(n: i32, y: usize, t: usize, d: usize, losses: usize, delta: f32, s: f32): void {
  const D = splat(delta),
    S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const e = sub(load(y + i), load(t + i));
    const a = abs(e);
    const c = pmin(a, D);
    store(losses + i, mul(c, sub(a, mul(splat(0.5), c))));
    store(d + i, mul(S, pmax(pmin(e, D), neg(D))));
    i += BYTES;
  } while (i < end);
}

/** max(x, 0) - x t + ln(1 + e^-|x|), with derivative sigmoid(x) - t. */
export function binaryCrossEntropyWithLogits(n: i32, x: usize, t: usize, d: usize, losses: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i),
      target = load(t + i);
    const soft = math.log1pUpTo1(math.exp(neg(abs(v))));
    store(losses + i, add(sub(positive(v), mul(v, target)), soft));
    store(d + i, mul(S, sub(math.sigmoid(v), target)));
    i += BYTES;
  } while (i < end);
}

/** -(t ln p + (1 - t) ln(1 - p)), with logarithms of at least -100, and derivative (p - t) / max(p (1 - p), 1e-12). */
export function binaryCrossEntropy(n: i32, p: usize, t: usize, d: usize, losses: usize, s: f32): void {
  const S = splat(s);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(p + i),
      target = load(t + i);
    const yes = pmax(math.log(v), splat(-100));
    const no = pmax(math.log1p(neg(v)), splat(-100));
    store(losses + i, neg(add(mul(target, yes), mul(sub(splat(1), target), no))));
    store(d + i, mul(S, div(sub(v, target), pmax(mul(v, sub(splat(1), v)), splat(1e-12)))));
    i += BYTES;
  } while (i < end);
}
