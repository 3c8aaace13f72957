/** What each shared kernel takes: operands, what follows them, and over rows how long the operands are. */

import { EPILOGUE_COLUMNS } from "../../src/nn/fuse.js";

export type Operand = "in" | "inout" | "out" | "order";
export interface Signature {
  form: "vector" | "sum" | "rows" | "loss";
  operands: Operand[];
  /** What follows the operands: several sets of them. */
  scalars?: number[][];
  /** Over rows: columns are multiples of this. */
  unit?: number;
  /** Over rows: the elements of each operand. */
  lengths?: (rows: number, columns: number) => number[];
}
const vector = (...operands: Operand[]): Signature => ({ form: "vector", operands });
const rows = (lengths: Signature["lengths"], ...operands: Operand[]): Signature => ({
  form: "rows",
  operands,
  ...(lengths && { lengths }),
});
const forward = vector("in", "out");
const inPlace = vector("in", "inout");
const backward = vector("in", "in", "out");
const elementwise = { ...vector("in", "in", "out", "out"), scalars: [[1 / 7]] };

export const SIGNATURES: Record<string, Signature> = {
  fill: { ...vector("out"), scalars: [[0.1], [Number.NaN], [-0]] },
  copy: forward,
  scale: { ...vector("inout"), scalars: [[1 / 3], [-2.5], [Number.POSITIVE_INFINITY]] },
  axpy: { ...inPlace, scalars: [[1 / 3], [-2.5], [0]] },
  subtract: backward,
  clamp: { ...vector("inout"), scalars: [[0.5], [1 / 3]] },
  multiply: backward,
  lerp: { ...inPlace, scalars: [[1 / 3], [1], [0]] },
  swap: vector("inout", "inout"),
  axpySquare: { ...inPlace, scalars: [[1 / 3], [-2.5]] },
  clipRatios: {
    ...inPlace,
    scalars: [
      [0.01, 1e-3],
      [0.5, 1e-3],
    ],
  },
  flush: vector("inout"),
  dot: { form: "sum", operands: ["in", "in"] },
  sum: { form: "sum", operands: ["in"] },
  sumAbs: { form: "sum", operands: ["in"] },
  maxAbs: { form: "sum", operands: ["in"] },
  addRow: rows((r, c) => [c, r * c], "in", "inout"),
  addRowSums: rows((r, c) => [r * c, c], "in", "inout"),
  mulRow: rows((r, c) => [c, r * c], "in", "inout"),
  columnNorms: rows((r, c) => [r * c, c], "in", "out"),
  gatherRows: rows((r, c) => [r * c, r, r * c], "in", "order", "out"),
  addRowRelu: { ...rows((r, c) => [c, r * c], "in", "inout"), unit: EPILOGUE_COLUMNS },
  reluBackwardRowSums: {
    ...rows((r, c) => [r * c, r * c, c], "in", "inout", "inout"),
    unit: EPILOGUE_COLUMNS,
  },
  relu: forward,
  reluBackward: inPlace,
  leakyRelu: { ...forward, scalars: [[0.01], [0]] },
  leakyReluBackward: { ...inPlace, scalars: [[0.01], [0]] },
  elu: {
    ...forward,
    scalars: [
      [1, 1],
      [1.0507, 1.7581],
    ],
  },
  eluBackward: {
    ...inPlace,
    scalars: [
      [1, 1],
      [1.0507, 1.7581],
    ],
  },
  sigmoid: forward,
  sigmoidBackward: inPlace,
  tanh: forward,
  tanhBackward: inPlace,
  gelu: forward,
  geluBackward: backward,
  geluTanh: forward,
  geluTanhBackward: backward,
  silu: forward,
  siluBackward: backward,
  softplus: {
    ...forward,
    scalars: [
      [1, 20],
      [0.3, 1],
    ],
  },
  softplusBackward: {
    ...backward,
    scalars: [
      [1, 20],
      [0.3, 1],
    ],
  },
  mish: forward,
  mishBackward: backward,
  dropout: {
    ...forward,
    scalars: [
      [0, 0, 0, 0.3, 1 / 0.7],
      [1000, -123456789, 987654321, 0.5, 2],
    ],
  },
  layerNorm: {
    ...rows((r, c) => [r * c, c, c, r * c, 2 * r], "in", "in", "in", "out", "out"),
    scalars: [[1e-5], [0]],
  },
  layerNormBackward: rows(
    (r, c) => [r * c, c, 2 * r, r * c, r * c, c, c, 3 * c],
    ...(["in", "in", "in", "in", "out", "inout", "inout", "out"] as const),
  ),
  softmaxCrossEntropy: {
    form: "loss",
    operands: ["in", "order", "out", "out"],
    lengths: (r, c) => [r * c, r, r * c, r],
    scalars: [[1 / 7]],
  },
  softmaxCrossEntropyRows: {
    form: "loss",
    operands: ["in", "in", "out", "out"],
    lengths: (r, c) => [r * c, r * c, r * c, r],
    scalars: [[1 / 7]],
  },
  classTargets: {
    form: "loss",
    operands: ["order", "in", "out"],
    lengths: (r, c) => [r, c, r * c],
    scalars: [[0.91, 0.01]],
  },
  rowTargets: { ...rows((r, c) => [r * c, c, r * c], "in", "in", "out"), scalars: [[0.9, 0.01]] },
  l1: elementwise,
  huber: {
    ...elementwise,
    scalars: [
      [1, 1 / 7],
      [0.5, 0.1],
    ],
  },
  binaryCrossEntropyWithLogits: elementwise,
  binaryCrossEntropy: elementwise,
};
