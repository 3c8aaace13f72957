// Activations, forward and backward. Backward kernels take the output y, not the input, and overwrite the gradient
// with respect to y by the one with respect to the input: d = d * f'(x).
import { BYTES, gt, load, max, mul, select, splat, store, sub } from "./lane";
import * as math from "./math";

/** y = max(x, 0), NaN for NaN */
export function relu(n: i32, x: usize, y: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES, y += BYTES) store(y, max(load(x), splat(0)));
}

/** d = y > 0 ? d : 0: the derivative at 0 is 0 */
export function reluBackward(n: i32, y: usize, d: usize): void {
  for (const end = y + ((<usize>n) << 2); y < end; y += BYTES, d += BYTES) {
    store(d, select(gt(load(y), splat(0)), load(d), splat(0)));
  }
}

/** y = 1 / (1 + e^-x) */
export function sigmoid(n: i32, x: usize, y: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES, y += BYTES) store(y, math.sigmoid(load(x)));
}

/** d = d * y * (1 - y) */
export function sigmoidBackward(n: i32, y: usize, d: usize): void {
  for (const end = y + ((<usize>n) << 2); y < end; y += BYTES, d += BYTES) {
    const s = load(y);
    store(d, mul(load(d), mul(s, sub(splat(1), s))));
  }
}

/** y = tanh x */
export function tanh(n: i32, x: usize, y: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += BYTES, y += BYTES) store(y, math.tanh(load(x)));
}

/** d = d * (1 - y^2) */
export function tanhBackward(n: i32, y: usize, d: usize): void {
  for (const end = y + ((<usize>n) << 2); y < end; y += BYTES, d += BYTES) {
    const s = load(y);
    store(d, mul(load(d), sub(splat(1), mul(s, s))));
  }
}
