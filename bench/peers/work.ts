/** The work of the contest, the same for everyone: shapes, nets, numbers. No Math.random: every run sees the same. */

export type Floats = Float32Array<ArrayBuffer>;
export type Ints = Int32Array<ArrayBuffer>;

/** C [m, n] of A [m, k] and B [k, n]; in NT, B is stored as [n, k], in TN, A as [k, m]. */
export interface ProductShape {
  m: number;
  k: number;
  n: number;
  layout: "NN" | "NT" | "TN";
}

export interface Net {
  widths: readonly number[];
  batch: number;
}

export type Rule = "sgd" | "momentum" | "adagrad" | "rmsprop" | "adam" | "adamw";
export const RULES: readonly Rule[] = ["sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw"];

/** The same for all: PyTorch's defaults, and where peers differ in those, what all of them can be told. */
export const HYPER = {
  lr: 1e-3,
  momentum: 0.9,
  alpha: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.01,
  accumulator: 0.1,
};

export const NETS: readonly Net[] = [
  { widths: [64, 64, 10], batch: 32 },
  { widths: [784, 128, 10], batch: 128 },
  { widths: [784, 512, 256, 10], batch: 128 },
];

const SQUARES = [32, 64, 128, 256, 512, 1024];
const OF_NETS = [
  [32, 64, 10],
  [128, 784, 128],
  [128, 784, 512],
  [1, 256, 256],
  [1, 1024, 1024],
  [1, 4096, 4096],
] as const;

export const PRODUCTS: readonly ProductShape[] = [...SQUARES.map((n) => [n, n, n] as const), ...OF_NETS].flatMap(
  ([m, k, n]) => (["NN", "NT", "TN"] as const).map((layout) => ({ m, k, n, layout })),
);

/** Fractions of a linear congruential generator, the constants of Numerical Recipes, in [−½, ½). */
export function numbers(count: number, seed: number): Floats {
  const values = new Float32Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 32 - 0.5;
  }
  return values;
}

/** Weights and biases by layers, weights as [in, out], uniform as He et al. have them. */
export function initial({ widths }: Net): Floats[] {
  return widths.slice(1).flatMap((out, i) => {
    const inputs = widths[i]!;
    const weights = numbers(inputs * out, i + 1).map((x) => 2 * x * Math.sqrt(6 / inputs));
    return [weights, new Float32Array(out)];
  });
}

/** Batches in a row, each of other numbers. */
export interface Batches {
  rows: number;
  columns: number;
  count: number;
  x: Floats;
  labels: Ints;
}

/**
 * Ten classes, each about a point of its own. The classes are learned within a few hundred steps: where nothing can be
 * learned, Adam makes whole steps of rounding errors, and no two libraries end alike.
 */
export function batches({ widths, batch }: Net, count: number): Batches {
  const columns = widths[0]!;
  const x = numbers(count * batch * columns, 99);
  const centres = numbers(10 * columns, 7);
  const labels = new Int32Array(count * batch);
  for (let r = 0; r < labels.length; r++) {
    const label = (labels[r] = Math.floor((r * 7919) / 13) % 10);
    for (let j = 0; j < columns; j++) x[r * columns + j]! += 0.5 * centres[label * columns + j]!;
  }
  return { rows: batch, columns, count, x, labels };
}

/** One of them, as views. */
export function batchOf({ rows, columns, count, x, labels }: Batches, i: number) {
  const at = (i % count) * rows;
  return { values: x.subarray(at * columns, (at + rows) * columns), labels: labels.subarray(at, at + rows) };
}

/** The share of rows whose largest of ten logits is the label's. */
export function accuracy(logits: ArrayLike<number>, labels: Int32Array): number {
  const classes = logits.length / labels.length;
  let right = 0;
  for (let r = 0; r < labels.length; r++) {
    let best = 0;
    for (let j = 1; j < classes; j++) if (logits[r * classes + j]! > logits[r * classes + best]!) best = j;
    if (best === labels[r]) right++;
  }
  return right / labels.length;
}

export const productFlops = ({ m, k, n }: ProductShape): number => 2 * m * k * n;
export const nameOf = ({ m, k, n, layout }: ProductShape): string =>
  `${m === k && k === n ? `${m}³` : `${m}×${k}×${n}`} ${layout}`;
export const nameOfStep = (rule: Rule, n: number): string =>
  `${rule} ${n >= 2 ** 20 ? `${n / 2 ** 20}M` : `${n / 1024}k`}`;
export const nameOfNet = ({ widths, batch }: Net): string => `${widths.join("-")} ×${batch}`;
