/** Networks and losses between them of every kind, in the library's layers and as the f64 reference has them. */
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import * as thalweg from "../../src/index.js";
import type { Layer } from "../../src/nn/layer.js";
import { numbers, uniform } from "./numbers.js";
import { type Activation, losses, type Spec } from "./reference.js";

const d = (inputs: number, outputs: number, bias = true): Spec => ({ kind: "dense", inputs, outputs, bias });
const a = (kind: Activation): Spec => ({ kind });
const n = (width: number, affine = true): Spec => ({ kind: "layerNorm", width, eps: 1e-5, affine });
const SMOOTH: Activation[] = ["gelu", "geluTanh", "silu", "softplus", "mish"];
const INPLACE: Activation[] = ["leakyRelu", "elu", "selu"];

export const stacks: { name: string; width: number; specs: Spec[] }[] = [
  { name: "dense", width: 4, specs: [d(4, 3)] },
  { name: "dense without bias", width: 4, specs: [d(4, 3, false)] },
  { name: "dense of one by one", width: 1, specs: [d(1, 1)] },
  { name: "wide dense", width: 33, specs: [d(33, 35), d(35, 3, false)] },
  { name: "relu", width: 5, specs: [a("relu")] },
  { name: "sigmoid", width: 5, specs: [a("sigmoid")] },
  { name: "tanh", width: 5, specs: [a("tanh")] },
  { name: "dense, relu, dense", width: 4, specs: [d(4, 7), a("relu"), d(7, 3)] },
  { name: "dense, sigmoid, dense, sigmoid", width: 4, specs: [d(4, 7), a("sigmoid"), d(7, 3), a("sigmoid")] },
  { name: "dense, tanh, dense without bias", width: 4, specs: [d(4, 7), a("tanh"), d(7, 3, false)] },
  { name: "an activation before the first dense", width: 5, specs: [a("tanh"), d(5, 3)] },
  { name: "two activations in a row", width: 4, specs: [d(4, 6), a("relu"), a("sigmoid"), d(6, 3)] },
  { name: "three activations and nothing else", width: 4, specs: [a("tanh"), a("sigmoid"), a("tanh")] },
  ...[...INPLACE, ...SMOOTH].map((kind) => ({
    name: `dense, ${kind}, dense`,
    width: 4,
    specs: [d(4, 7), a(kind), d(7, 3)],
  })),
  {
    name: "activations that read their input and such that read their output",
    width: 5,
    specs: [a("gelu"), a("tanh"), a("silu"), a("selu"), d(5, 3), a("mish"), a("sigmoid")],
  },
  { name: "layerNorm", width: 6, specs: [n(6)] },
  { name: "dense, layerNorm, relu, dense", width: 4, specs: [d(4, 7), n(7), a("relu"), d(7, 3)] },
  { name: "layerNorm without parameters before gelu", width: 5, specs: [n(5, false), a("gelu"), d(5, 3)] },
  {
    name: "branches over one input",
    width: 4,
    specs: [{ kind: "concat", branches: [[d(4, 3), a("tanh")], [], [a("silu"), d(4, 2)]] }, a("sigmoid"), d(9, 3)],
  },
  {
    name: "branches over shares of the input",
    width: 5,
    specs: [
      {
        kind: "concat",
        branches: [
          [d(2, 4), a("gelu"), d(4, 2)],
          [n(3), d(3, 4), a("relu")],
        ],
        split: [2, 3],
      },
      d(6, 3),
    ],
  },
  {
    name: "a branch in a branch, after a dense",
    width: 4,
    specs: [
      d(4, 5),
      a("tanh"),
      {
        kind: "concat",
        branches: [
          [{ kind: "concat", branches: [[d(5, 2)], [a("tanh")]] }, n(7)],
          [d(5, 2), a("elu")],
        ],
      },
    ],
  },
  { name: "three activations after a dense", width: 4, specs: [d(4, 5), a("tanh"), a("relu"), a("tanh")] },
];

export interface LossCase {
  name: string;
  loss: (columns: number) => thalweg.Loss;
  reference: (y: Float64Array, t: ArrayLike<number>, rows: number) => number;
  /** How far |y − t| is from where the second derivative jumps. */
  kink?: (y: number, t: number) => number;
  /** Targets as numbers, one per output: values, rows of probabilities, or ones and zeros. */
  target(rows: number, columns: number): Float32Array;
  /** For the library, class numbers instead. */
  labels?: true;
  /** Only for outputs in (0, 1). */
  probabilities?: true;
}

const oneHot = (rows: number, columns: number): Float32Array => {
  const next = numbers(rows * columns);
  const t = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) t[r * columns + Math.floor(next() * columns)] = 1;
  return t;
};
const anyWeights = (rows: number, columns: number) => uniform(rows * columns, 9).map((x) => (x + 1) / columns);
const values = (rows: number, columns: number) => uniform(rows * columns, 8);
const shares = (rows: number, columns: number) => uniform(rows * columns, 4).map((x) => (x + 1) / 2);
const far = (rows: number, columns: number) => values(rows, columns).map((x) => (x < 0 ? -50 : 50)); // no kink near
const bend = (at: number) => (y: number, t: number) => Math.abs(Math.abs(y - t) - at);
const weight = (j: number) => 0.5 + (j % 3);
const classWeights = (columns: number) => Array.from({ length: columns }, (_, j) => weight(j));
const { softmaxCrossEntropy } = thalweg;

export const cases: LossCase[] = [
  { name: "mse", loss: () => thalweg.mse, reference: losses.mse, target: values },
  { name: "halfMse", loss: () => thalweg.halfMse, reference: losses.halfMse, target: (r, c) => uniform(r * c, 7) },
  { name: "l1", loss: () => thalweg.l1, reference: losses.l1, target: far, kink: bend(0) },
  { name: "huber", loss: () => thalweg.huber, reference: losses.huber(1), target: values, kink: bend(1) },
  {
    name: "huber 0.3",
    loss: () => thalweg.huber.with({ delta: 0.3 }),
    reference: losses.huber(0.3),
    target: values,
    kink: bend(0.3),
  },
  {
    name: "smoothL1 0.4",
    loss: () => thalweg.smoothL1.with({ beta: 0.4 }),
    reference: losses.smoothL1(0.4),
    target: values,
    kink: bend(0.4),
  },
  { name: "logits", loss: () => thalweg.binaryCrossEntropyWithLogits, reference: losses.logits, target: shares },
  {
    name: "binary",
    loss: () => thalweg.binaryCrossEntropy,
    reference: losses.binary,
    target: shares,
    probabilities: true,
  },
  { name: "labels", loss: () => softmaxCrossEntropy, reference: losses.crossEntropy, target: oneHot, labels: true },
  // Rows need not sum to one: the gradient is that of the formula all the same.
  { name: "probabilities", loss: () => softmaxCrossEntropy, reference: losses.crossEntropy, target: anyWeights },
  {
    name: "smoothed and weighted labels",
    loss: (columns) => softmaxCrossEntropy.with({ labelSmoothing: 0.1, classWeights: classWeights(columns) }),
    reference: losses.weighted(weight, 0.1),
    target: oneHot,
    labels: true,
  },
  {
    name: "smoothed and weighted probabilities",
    loss: (columns) => softmaxCrossEntropy.with({ labelSmoothing: 0.2, classWeights: classWeights(columns) }),
    reference: losses.weightedRows(weight, 0.2),
    target: anyWeights,
  },
];

const { elu, gelu, leakyRelu, mish, relu, selu, sigmoid, silu, softplus, tanh } = thalweg;
const activations = { elu, gelu, leakyRelu, mish, relu, selu, sigmoid, silu, softplus, tanh };
export const layerOf = (spec: Spec): Layer => {
  if (spec.kind === "dense") return thalweg.dense(spec.inputs, spec.outputs, { bias: spec.bias });
  if (spec.kind === "layerNorm") return thalweg.layerNorm(spec.width, { eps: spec.eps, affine: spec.affine });
  if (spec.kind === "geluTanh") return gelu({ approximate: "tanh" });
  if (spec.kind === "mask") return thalweg.dropout(spec.p);
  if (spec.kind !== "concat") return activations[spec.kind]();
  const branches = spec.branches.map((branch) => branch.map(layerOf));
  return thalweg.concat(branches, spec.split && { inputs: spec.split });
};

/** The targets of a case for the library. */
export function targetOf(
  engine: Engine,
  { target, labels }: LossCase,
  rows: number,
  columns: number,
): Tensor | Int32Array {
  const values = target(rows, columns);
  if (!labels) return engine.tensor([rows, columns], values);
  return Int32Array.from({ length: rows }, (_, r) => values.indexOf(1, r * columns) - r * columns);
}
