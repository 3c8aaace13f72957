// Losses over logits [rows, columns]. Each row is an example.
import { BYTES, load as load4, store as store4 } from "../lane";
import * as math from "../math";

/**
 * Softmax and cross-entropy of the logits x [rows, columns], with a class number (i32) per row as the label. Writes
 * d = (softmax(x) - onehot(label)) * s, and the loss of each row, ln(sum of e^(x - max)) - (x[label] - max). Sums run
 * over the columns in order. losses: `rows` f32, rounded up to whole vectors.
 */
export function softmaxCrossEntropy(
  rows: i32,
  columns: i32,
  x: usize,
  labels: usize,
  d: usize,
  losses: usize,
  s: f32,
): void {
  softmaxNumerators(rows, columns, x, d);
  for (let r = 0, q = d, l = losses; r < rows; r++, l += 4) {
    let sum: f32 = 0;
    for (let j = 0; j < columns; j++) sum += load<f32>(q + ((<usize>j) << 2));
    const label = load<i32>(labels + ((<usize>r) << 2));
    store<f32>(l, sum);
    for (let j = 0; j < columns; j++, q += 4) {
      const p = load<f32>(q) / sum;
      store<f32>(q, (j === label ? p - 1 : p) * s);
    }
  }
  logInPlace(rows, losses);
  for (let r = 0; r < rows; r++, x += (<usize>columns) << 2, losses += 4) {
    const label = x + ((<usize>load<i32>(labels + ((<usize>r) << 2))) << 2);
    store<f32>(losses, load<f32>(losses) - (load<f32>(label) - rowMax(columns, x)));
  }
}

/**
 * The same with a row of target probabilities t in place of each label: the loss is the sum over j of
 * t[j] * (ln(sum) - (x[j] - max)), and d = (softmax(x) * (sum of t) - t) * s.
 */
export function softmaxCrossEntropyRows(
  rows: i32,
  columns: i32,
  x: usize,
  t: usize,
  d: usize,
  losses: usize,
  s: f32,
): void {
  softmaxNumerators(rows, columns, x, d);
  for (let r = 0, q = d, u = t, l = losses; r < rows; r++, l += 4) {
    let sum: f32 = 0,
      weight: f32 = 0;
    for (let j = 0; j < columns; j++) {
      sum += load<f32>(q + ((<usize>j) << 2));
      weight += load<f32>(u + ((<usize>j) << 2));
    }
    store<f32>(l, sum);
    for (let j = 0; j < columns; j++, q += 4, u += 4) {
      store<f32>(q, ((load<f32>(q) / sum) * weight - load<f32>(u)) * s);
    }
  }
  logInPlace(rows, losses);
  for (let r = 0; r < rows; r++, losses += 4) {
    const largest = rowMax(columns, x),
      logSum = load<f32>(losses);
    let loss: f32 = 0;
    for (let j = 0; j < columns; j++, x += 4, t += 4) loss += load<f32>(t) * (logSum - (load<f32>(x) - largest));
    store<f32>(losses, loss);
  }
}

/** d = e^(x - max), where max is the largest element of the row. */
function softmaxNumerators(rows: i32, columns: i32, x: usize, d: usize): void {
  let q = d;
  for (let r = 0; r < rows; r++) {
    const largest = rowMax(columns, x);
    for (let j = 0; j < columns; j++, x += 4, q += 4) store<f32>(q, load<f32>(x) - largest);
  }
  const end = (<usize>(rows * columns)) << 2;
  let i: usize = 0;
  do {
    store4(d + i, math.exp(load4(d + i)));
    i += BYTES;
  } while (i < end);
}

function rowMax(columns: i32, x: usize): f32 {
  let largest = load<f32>(x);
  for (let j = 1; j < columns; j++) largest = max<f32>(largest, load<f32>(x + ((<usize>j) << 2)));
  return largest;
}

function logInPlace(n: i32, x: usize): void {
  const end = (<usize>n) << 2;
  let i: usize = 0;
  do {
    store4(x + i, math.log(load4(x + i)));
    i += BYTES;
  } while (i < end);
}

/**
 * q = weights[j] * (j === label ? high : low): the targets for softmaxCrossEntropyRows with label smoothing and class
 * weights.
 */
export function classTargets(
  rows: i32,
  columns: i32,
  labels: usize,
  weights: usize,
  q: usize,
  high: f32,
  low: f32,
): void {
  for (let r = 0; r < rows; r++) {
    const label = load<i32>(labels + ((<usize>r) << 2));
    for (let j = 0; j < columns; j++, q += 4) {
      store<f32>(q, load<f32>(weights + ((<usize>j) << 2)) * (j === label ? high : low));
    }
  }
}

/** q = weights[j] * (keep * t + low): the same, from rows of target probabilities t. */
export function rowTargets(rows: i32, columns: i32, t: usize, weights: usize, q: usize, keep: f32, low: f32): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, t += 4, q += 4) {
      store<f32>(q, load<f32>(weights + ((<usize>j) << 2)) * (keep * load<f32>(t) + low));
    }
  }
}
