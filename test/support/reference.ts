/**
 * A network in f64 on plain arrays, written from the formulas alone: what gradients are checked against, by central
 * differences. Nothing here is shared with the library.
 */
import { normalCdf } from "./normal.js";

export type Spec =
  | { kind: "dense"; inputs: number; outputs: number; bias: boolean }
  | { kind: "layerNorm"; width: number; eps: number; affine: boolean }
  /** Branches over the whole input, or over shares of its columns. */
  | { kind: "concat"; branches: Spec[][]; split?: number[] }
  /** Dropout whose mask is known: what each value is multiplied by. */
  | { kind: "mask"; p: number; factors: ArrayLike<number> }
  | { kind: Activation };

export type Activation = keyof typeof FUNCTIONS;

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const FUNCTIONS = {
  relu: (x: number) => Math.max(x, 0),
  leakyRelu: (x: number) => (x > 0 ? x : 0.01 * x),
  elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
  selu: (x: number) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  gelu: (x: number) => x * normalCdf(x),
  geluTanh: (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  silu: (x: number) => x * logistic(x),
  softplus: (x: number) => Math.log1p(Math.exp(x)),
  mish: (x: number) => x * Math.tanh(Math.log1p(Math.exp(x))),
  sigmoid: logistic,
  tanh: (x: number) => Math.tanh(x),
};
/** Activations that finite differences mean nothing across the kink of. */
const KINKED = ["relu", "leakyRelu", "elu", "selu"];

export interface Pass {
  /** The output, row-major. */
  y: Float64Array;
  /** The smallest |input| of one of these. */
  kink: number;
}

/** Runs the layers on x [rows, width]; parameters layer by layer, weight [in, out] before bias. */
export function forward(specs: Spec[], parameters: Float64Array[], rows: number, x: Float64Array): Pass {
  return run(specs, [...parameters], rows, x);
}

function run(specs: Spec[], rest: Float64Array[], rows: number, x: Float64Array): Pass {
  let kink = Number.POSITIVE_INFINITY;
  let y = x;
  for (const spec of specs) {
    if (spec.kind === "dense") y = denseOf(spec, rest, rows, y);
    else if (spec.kind === "layerNorm") y = normOf(spec, rest, rows, y);
    else if (spec.kind === "mask") y = y.map((v, i) => v * spec.factors[i]);
    else if (spec.kind === "concat") {
      const width = y.length / rows;
      let from = 0;
      const outputs = spec.branches.map((branch, b) => {
        const take = spec.split?.[b] ?? width;
        const own = y.filter((_, i) => i % width >= from && i % width < from + take);
        if (spec.split) from += take;
        const pass = run(branch, rest, rows, own);
        kink = Math.min(kink, pass.kink);
        return pass.y;
      });
      const rowOf = (out: Float64Array, r: number) => [
        ...out.subarray((r * out.length) / rows, ((r + 1) * out.length) / rows),
      ];
      y = Float64Array.from(Array.from({ length: rows }, (_, r) => outputs.flatMap((out) => rowOf(out, r))).flat());
    } else {
      if (KINKED.includes(spec.kind)) for (const v of y) kink = Math.min(kink, Math.abs(v));
      y = y.map(FUNCTIONS[spec.kind]);
    }
  }
  return { y, kink };
}

function denseOf(
  { inputs, outputs, bias }: Spec & { kind: "dense" },
  rest: Float64Array[],
  rows: number,
  y: Float64Array,
): Float64Array {
  const w = rest.shift()!;
  const b = bias ? rest.shift()! : undefined;
  const out = new Float64Array(rows * outputs);
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < outputs; j++) {
      let sum = b ? b[j] : 0;
      for (let i = 0; i < inputs; i++) sum += y[r * inputs + i] * w[i * outputs + j];
      out[r * outputs + j] = sum;
    }
  }
  return out;
}

function normOf(
  { width, eps, affine }: Spec & { kind: "layerNorm" },
  rest: Float64Array[],
  rows: number,
  y: Float64Array,
): Float64Array {
  const [w, b] = affine ? [rest.shift()!, rest.shift()!] : [];
  const out = new Float64Array(y.length);
  for (let r = 0; r < rows; r++) {
    const row = y.subarray(r * width, (r + 1) * width);
    const mean = sumOf(row, (v) => v) / width;
    const variance = sumOf(row, (v) => (v - mean) ** 2) / width;
    row.forEach((v, j) => {
      out[r * width + j] = ((v - mean) / Math.sqrt(variance + eps)) * (w?.[j] ?? 1) + (b?.[j] ?? 0);
    });
  }
  return out;
}

/** Losses of a prediction [rows, columns] against values, probabilities or class numbers. */
export const losses = {
  mse: (y: Float64Array, t: ArrayLike<number>) => sumOf(y, (v, i) => (v - t[i]) ** 2) / y.length,
  halfMse: (y: Float64Array, t: ArrayLike<number>) => sumOf(y, (v, i) => (v - t[i]) ** 2) / 2,
  l1: (y: Float64Array, t: ArrayLike<number>) => sumOf(y, (v, i) => Math.abs(v - t[i])) / y.length,
  huber: (delta: number) => (y: Float64Array, t: ArrayLike<number>) =>
    sumOf(y, (v, i) => {
      const e = Math.abs(v - t[i]);
      return e <= delta ? (e * e) / 2 : delta * (e - delta / 2);
    }) / y.length,
  smoothL1: (beta: number) => (y: Float64Array, t: ArrayLike<number>) =>
    sumOf(y, (v, i) => {
      const e = Math.abs(v - t[i]);
      return e < beta ? (e * e) / 2 / beta : e - beta / 2;
    }) / y.length,
  logits: (y: Float64Array, t: ArrayLike<number>) =>
    -sumOf(y, (v, i) => t[i] * Math.log(logistic(v)) + (1 - t[i]) * Math.log(logistic(-v))) / y.length,
  binary: (y: Float64Array, t: ArrayLike<number>) =>
    -sumOf(y, (v, i) => t[i] * Math.log(v) + (1 - t[i]) * Math.log1p(-v)) / y.length,
  crossEntropy: (y: Float64Array, t: ArrayLike<number>, rows: number) => sumOf(nll(y, rows), (v, i) => t[i] * v) / rows,
  /** PyTorch's cross_entropy with a weight for each class and smoothing; t is one-hot. */
  weighted:
    (weight: (j: number) => number, smoothing: number) => (y: Float64Array, t: ArrayLike<number>, rows: number) => {
      const columns = y.length / rows;
      const of = (i: number) => weight(i % columns);
      const hard = sumOf(nll(y, rows), (v, i) => of(i) * t[i] * v);
      const soft = sumOf(nll(y, rows), (v, i) => of(i) * v) / columns;
      return ((1 - smoothing) * hard + smoothing * soft) / sumOf(y, (_, i) => of(i) * t[i]);
    },
  /** The same where t is rows of probabilities: the mean is over the rows. */
  weightedRows:
    (weight: (j: number) => number, smoothing: number) => (y: Float64Array, t: ArrayLike<number>, rows: number) => {
      const columns = y.length / rows;
      const smooth = (i: number) => (1 - smoothing) * t[i] + smoothing / columns;
      return sumOf(nll(y, rows), (v, i) => weight(i % columns) * smooth(i) * v) / rows;
    },
};

/** -ln softmax of each row. */
function nll(y: Float64Array, rows: number): Float64Array {
  const columns = y.length / rows;
  return y.map((v, i) => {
    const r = Math.floor(i / columns);
    const row = y.subarray(r * columns, (r + 1) * columns);
    const largest = Math.max(...row);
    return largest + Math.log(sumOf(row, (x) => Math.exp(x - largest))) - v;
  });
}

function sumOf(values: Float64Array, term: (v: number, i: number) => number): number {
  return values.reduce((sum, v, i) => sum + term(v, i), 0);
}

/** The gradient of f at x by central differences, good to some 1e-9 of f: x is changed and put back. */
export function differences(f: () => number, x: Float64Array): Float64Array {
  const h = 2 ** -16;
  return Float64Array.from(x, (value, i) => {
    x[i] = value + h;
    const above = f();
    x[i] = value - h;
    const below = f();
    x[i] = value;
    return (above - below) / (2 * h);
  });
}

/**
 * The change of the gradient of f at x along v, by mixed central differences at two steps and Richardson's extrapolation of
 * them, good to some 1e-9 of f: x is changed and put back.
 */
export function secondDifferences(f: () => number, x: Float64Array[], v: ArrayLike<number>[]): Float64Array[] {
  const home = x.map((values) => values.slice());
  const mixed = (k: number, i: number, h: number): number => {
    let sum = 0;
    for (const [along, own, sign] of [
      [1, 1, 1],
      [1, -1, -1],
      [-1, 1, -1],
      [-1, -1, 1],
    ]) {
      for (const [j, values] of x.entries()) values.set(home[j].map((value, e) => value + along * h * v[j][e]));
      x[k][i] += own * h;
      sum += sign * f();
    }
    return sum / (4 * h * h);
  };
  const h = 2 ** -10;
  const found = x.map((values, k) =>
    Float64Array.from(values, (_, i) => (4 * mixed(k, i, h / 2) - mixed(k, i, h)) / 3),
  );
  for (const [j, values] of x.entries()) values.set(home[j]);
  return found;
}

/** The largest |got - want| as a share of the largest |want| (of 1e-3, where all are smaller than that). */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let error = got.length === want.length ? 0 : Number.POSITIVE_INFINITY;
  let largest = 1e-3;
  for (let i = 0; i < want.length; i++) {
    const gap = Math.abs(got[i] - want[i]);
    error = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(error, gap);
    largest = Math.max(largest, Math.abs(want[i]));
  }
  return error / largest;
}
