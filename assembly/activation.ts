// Activations, forward and backward. Backward kernels take the output y, not the input, and overwrite the gradient
// with respect to y by the one with respect to the input: d = d * f'(x).
import { BYTES, gt, load, max, mul, select, splat, store, sub } from "./lane";
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
