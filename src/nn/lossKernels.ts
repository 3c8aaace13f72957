import type { Partitions } from "../engine/backend.js";
import { abs, add, div, eq, max, mul, neg, pmax, pmin, positive, select, signed, sub } from "../math/f32.js";
import * as math from "../math/math.js";

// The twins of assembly/nn/loss.ts.

function softmaxNumerators(rows: number, columns: number, x: Float32Array, d: Float32Array): void {
  for (let r = 0, i = 0; r < rows; r++) {
    const largest = rowMax(columns, x, r * columns);
    for (let j = 0; j < columns; j++, i++) d[i] = math.exp(sub(x[i], largest));
  }
}

function rowMax(columns: number, x: Float32Array, from: number): number {
  let largest = x[from];
  for (let j = 1; j < columns; j++) largest = max(largest, x[from + j]);
  return largest;
}

function softmaxCrossEntropyTwin(
  rows: number,
  columns: number,
  x: Float32Array,
  labels: Int32Array,
  d: Float32Array,
  losses: Float32Array,
  scale: number,
): void {
  const s = Math.fround(scale);
  softmaxNumerators(rows, columns, x, d);
  for (let r = 0, i = 0; r < rows; r++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum = add(sum, d[i + j]);
    const label = labels[r];
    for (let j = 0; j < columns; j++, i++) {
      const p = div(d[i], sum);
      d[i] = mul(j === label ? sub(p, 1) : p, s);
    }
    const from = r * columns;
    losses[r] = sub(math.log(sum), sub(x[from + label], rowMax(columns, x, from)));
  }
}

function softmaxCrossEntropyRows(
  rows: number,
  columns: number,
  x: Float32Array,
  t: Float32Array,
  d: Float32Array,
  losses: Float32Array,
  scale: number,
): void {
  const s = Math.fround(scale);
  softmaxNumerators(rows, columns, x, d);
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    let sum = 0;
    let weight = 0;
    for (let i = from; i < from + columns; i++) {
      sum = add(sum, d[i]);
      weight = add(weight, t[i]);
    }
    const logSum = math.log(sum);
    const largest = rowMax(columns, x, from);
    let loss = 0;
    for (let i = from; i < from + columns; i++) {
      d[i] = mul(sub(mul(div(d[i], sum), weight), t[i]), s);
      loss = add(loss, mul(t[i], sub(logSum, sub(x[i], largest))));
    }
    losses[r] = loss;
  }
}

function classTargets(
  rows: number,
  columns: number,
  labels: Int32Array,
  weights: Float32Array,
  q: Float32Array,
  high: number,
  low: number,
): void {
  const H = Math.fround(high);
  const L = Math.fround(low);
  for (let r = 0, i = 0; r < rows; r++) {
    const label = labels[r];
    for (let j = 0; j < columns; j++, i++) q[i] = mul(weights[j], j === label ? H : L);
  }
}

function rowTargets(
  rows: number,
  columns: number,
  t: Float32Array,
  weights: Float32Array,
  q: Float32Array,
  keep: number,
  low: number,
): void {
  const K = Math.fround(keep);
  const L = Math.fround(low);
  for (let r = 0, i = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) q[i] = mul(weights[j], add(mul(K, t[i]), L));
  }
}

// The twins of assembly/nn/elementwiseLoss.ts.

function l1(n: number, y: Float32Array, t: Float32Array, d: Float32Array, losses: Float32Array, s: number): void {
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) {
    const e = sub(y[i], t[i]);
    losses[i] = abs(e);
    d[i] = select(eq(e, e), signed(S, e), e);
  }
}

function huber(
  n: number,
  y: Float32Array,
  t: Float32Array,
  d: Float32Array,
  losses: Float32Array,
  delta: number,
  s: number,
): void {
  const D = Math.fround(delta);
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) {
    const e = sub(y[i], t[i]);
    const a = abs(e);
    const c = pmin(a, D);
    losses[i] = mul(c, sub(a, mul(0.5, c)));
    d[i] = mul(S, pmax(pmin(e, D), neg(D)));
  }
}

function binaryCrossEntropyWithLogits(
  n: number,
  x: Float32Array,
  t: Float32Array,
  d: Float32Array,
  losses: Float32Array,
  s: number,
): void {
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const target = t[i];
    const soft = math.log1pUpTo1(math.exp(neg(abs(v))));
    losses[i] = add(sub(positive(v), mul(v, target)), soft);
    d[i] = mul(S, sub(math.sigmoid(v), target));
  }
}

const LEAST = Math.fround(1e-12);

function binaryCrossEntropy(
  n: number,
  p: Float32Array,
  t: Float32Array,
  d: Float32Array,
  losses: Float32Array,
  s: number,
): void {
  const S = Math.fround(s);
  for (let i = 0; i < n; i++) {
    const v = p[i];
    const target = t[i];
    const yes = pmax(math.log(v), -100);
    const no = pmax(math.log1p(neg(v)), -100);
    losses[i] = neg(add(mul(target, yes), mul(sub(1, target), no)));
    d[i] = mul(S, div(sub(v, target), pmax(mul(v, sub(1, v)), LEAST)));
  }
}

/** The loss kernels by their names in the binary. */
export const lossKernels = {
  softmaxCrossEntropy: softmaxCrossEntropyTwin,
  softmaxCrossEntropyRows,
  classTargets,
  rowTargets,
  l1,
  huber,
  binaryCrossEntropyWithLogits,
  binaryCrossEntropy,
};
export const lossPartitions: Partitions<typeof lossKernels> = {
  softmaxCrossEntropy: ["rows", "matrix", "column", "matrix", "column"],
  softmaxCrossEntropyRows: ["rows", "matrix", "matrix", "matrix", "column"],
  classTargets: ["rows", "column", "same", "matrix"],
  rowTargets: ["rows", "matrix", "same", "matrix"],
  l1: ["elements", "array", "array", "array", "array"],
  huber: ["elements", "array", "array", "array", "array"],
  binaryCrossEntropyWithLogits: ["elements", "array", "array", "array", "array"],
  binaryCrossEntropy: ["elements", "array", "array", "array", "array"],
};
