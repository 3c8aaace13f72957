// Activations whose derivative shows in their output, forward and backward. Backward kernels take the output y, not the
// input, and overwrite the gradient with respect to y by the one with respect to the input: d = d * f'(x).
// Those whose backward needs the input are in smooth.ts.
import { add, BYTES, gt, load, max, mul, select, splat, store, sub } from "./lane";
import * as math from "./math";

/** y = max(x, 0), NaN for NaN */
export function relu(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, max(load(x + i), splat(0)));
    i += BYTES;
  } while (i < end);
}

/** d = y > 0 ? d : 0: the derivative at 0 is 0 */
export function reluBackward(n: i32, y: usize, d: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(d + i, select(gt(load(y + i), splat(0)), load(d + i), splat(0)));
    i += BYTES;
  } while (i < end);
}

/** y = x > 0 ? x : slope * x */
export function leakyRelu(n: i32, x: usize, y: usize, slope: f32): void {
  const S = splat(slope);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(y + i, select(gt(v, splat(0)), v, mul(S, v)));
    i += BYTES;
  } while (i < end);
}

/** d = y > 0 ? d : slope * d, for slope >= 0, with which y > 0 just where x > 0 */
export function leakyReluBackward(n: i32, y: usize, d: usize, slope: f32): void {
  const S = splat(slope);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const g = load(d + i);
    store(d + i, select(gt(load(y + i), splat(0)), g, mul(S, g)));
    i += BYTES;
  } while (i < end);
}

/** y = x > 0 ? scale * x : low * (e^x - 1), with low = scale * alpha: elu, and selu with a scale of its own */
export function elu(n: i32, x: usize, y: usize, scale: f32, low: f32): void {
  const S = splat(scale),
    L = splat(low);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const v = load(x + i);
    store(y + i, select(gt(v, splat(0)), mul(S, v), mul(L, math.expm1(v))));
    i += BYTES;
  } while (i < end);
}

/** d = d * (y > 0 ? scale : y + low), for low >= 0: the derivative low * e^x is y + low */
export function eluBackward(n: i32, y: usize, d: usize, scale: f32, low: f32): void {
  const S = splat(scale),
    L = splat(low);
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const s = load(y + i);
    store(d + i, mul(load(d + i), select(gt(s, splat(0)), S, add(s, L))));
    i += BYTES;
  } while (i < end);
}

/** y = 1 / (1 + e^-x) */
export function sigmoid(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, math.sigmoid(load(x + i)));
    i += BYTES;
  } while (i < end);
}

/** d = d * y * (1 - y) */
export function sigmoidBackward(n: i32, y: usize, d: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const s = load(y + i);
    store(d + i, mul(load(d + i), mul(s, sub(splat(1), s))));
    i += BYTES;
  } while (i < end);
}

/** y = tanh x */
export function tanh(n: i32, x: usize, y: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store(y + i, math.tanh(load(x + i)));
    i += BYTES;
  } while (i < end);
}

/** d = d * (1 - y^2) */
export function tanhBackward(n: i32, y: usize, d: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    const s = load(y + i);
    store(d + i, mul(load(d + i), sub(splat(1), mul(s, s))));
    i += BYTES;
  } while (i < end);
}
