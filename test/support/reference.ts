/**
 * A network in f64 on plain arrays, written from the formulas alone: what gradients are checked against, by central
 * differences. Nothing here is shared with the library.
 */
export type Spec =
  | { kind: "dense"; inputs: number; outputs: number; bias: boolean }
  | { kind: "relu" | "sigmoid" | "tanh" };

const FUNCTIONS = {
  relu: (x: number) => Math.max(x, 0),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  tanh: (x: number) => Math.tanh(x),
};

export interface Pass {
  /** The output, row-major. */
  y: Float64Array;
  /** The smallest |input| of a relu: finite differences mean nothing across its kink. */
  kink: number;
}

/** Runs the layers on x [rows, width]; parameters layer by layer, weight [in, out] before bias. */
export function forward(specs: Spec[], parameters: Float64Array[], rows: number, x: Float64Array): Pass {
  const rest = [...parameters];
  let kink = Number.POSITIVE_INFINITY;
  let y = x;
  for (const spec of specs) {
    if (spec.kind !== "dense") {
      if (spec.kind === "relu") for (const v of y) kink = Math.min(kink, Math.abs(v));
      y = y.map(FUNCTIONS[spec.kind]);
      continue;
    }
    const { inputs, outputs, bias } = spec;
    const w = rest.shift()!;
    const b = bias ? rest.shift()! : undefined;
    const out = new Float64Array(rows * outputs);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < outputs; j++) {
        let sum = b ? b[j]! : 0;
        for (let i = 0; i < inputs; i++) sum += y[r * inputs + i]! * w[i * outputs + j]!;
        out[r * outputs + j] = sum;
      }
    }
    y = out;
  }
  return { y, kink };
}

/** Losses of a prediction [rows, columns] against values, probabilities or class numbers. */
export const losses = {
  mse: (y: Float64Array, t: ArrayLike<number>) => sumOf(y, (v, i) => (v - t[i]!) ** 2) / y.length,
  halfMse: (y: Float64Array, t: ArrayLike<number>) => sumOf(y, (v, i) => (v - t[i]!) ** 2) / 2,
  crossEntropy: (y: Float64Array, t: ArrayLike<number>, rows: number) => {
    const columns = y.length / rows;
    const logSums = Array.from({ length: rows }, (_, r) => {
      const row = y.subarray(r * columns, (r + 1) * columns);
      const largest = Math.max(...row);
      return largest + Math.log(sumOf(row, (v) => Math.exp(v - largest)));
    });
    return sumOf(y, (v, i) => t[i]! * (logSums[Math.floor(i / columns)]! - v)) / rows;
  },
};

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

/** The largest |got - want| as a share of the largest |want| (of 1e-3, where all are smaller than that). */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let error = got.length === want.length ? 0 : Number.POSITIVE_INFINITY;
  let largest = 1e-3;
  for (let i = 0; i < want.length; i++) {
    const gap = Math.abs(got[i]! - want[i]!);
    error = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(error, gap);
    largest = Math.max(largest, Math.abs(want[i]!));
  }
  return error / largest;
}
