import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import * as thalweg from "../../src/index.js";
import type { Layer } from "../../src/nn/layer.js";
import type { Loss } from "../../src/nn/loss.js";
import { backends } from "../support/backends.js";
import { relativeError } from "../support/reference.js";

// Compares networks and losses with PyTorch's autograd in double precision: test/golden/mlp.json and losses.json.

type Matrix = number[][];
interface Network {
  sizes: number[];
  W: Matrix[];
  b: number[][];
  X: Matrix;
  Y: Matrix;
  Y01: Matrix;
  classes: number[];
  cases: {
    hidden: string;
    output_activation: string;
    loss_name: string;
    target: "Y" | "Y01" | "classes";
    output: Matrix;
    loss: number;
    dW: Matrix[];
    db: number[][];
    dX: Matrix;
  }[];
}
interface Losses {
  pred: Matrix;
  target: Matrix;
  target01: Matrix;
  target_binary: Matrix;
  prob: Matrix;
  classes: number[];
  /** A single value and gradient if the reduction is mean or sum. */
  cases: { name: string; reduction: string; value: number; grad: Matrix }[];
}

const golden = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), "utf8"));
const network: Network = golden("mlp");
const losses: Losses = golden("losses");

// The names of the reference, and ours.
const LAYERS: Record<string, () => Layer[]> = {
  identity: () => [],
  sigmoid: () => [thalweg.sigmoid()],
  tanh: () => [thalweg.tanh()],
  relu: () => [thalweg.relu()],
  gelu: () => [thalweg.gelu()],
  gelu_tanh: () => [thalweg.gelu({ approximate: "tanh" })],
  leaky_relu: () => [thalweg.leakyRelu()],
  elu: () => [thalweg.elu()],
  selu: () => [thalweg.selu()],
  silu: () => [thalweg.silu()],
  softplus: () => [thalweg.softplus()],
  mish: () => [thalweg.mish()],
};
const smoothed = thalweg.softmaxCrossEntropy.with({ labelSmoothing: 0.1 });
const LOSSES: Record<string, Loss> = {
  mse_mean: thalweg.mse,
  half_mse_1986: thalweg.halfMse,
  cross_entropy: thalweg.softmaxCrossEntropy,
  "cross_entropy_smooth0.1": smoothed,
  bce_with_logits: thalweg.binaryCrossEntropyWithLogits,
  bce_sigmoid_output: thalweg.binaryCrossEntropy,
  huber_delta1: thalweg.huber,
  l1_mean: thalweg.l1,
};
const layersOf = (name: string): Layer[] => LAYERS[name]();

const { sizes } = network;
const flat = (matrix: Matrix): number[] => matrix.flat();
/** The reference holds weights as [out, in]. */
const turned = (matrix: Matrix): number[] => matrix[0].flatMap((_, i) => matrix.map((row) => row[i]));

test("all cases of the reference are covered", () => {
  expect(network.cases).toHaveLength(42);
  expect([...new Set(network.cases.flatMap((c) => [c.hidden, c.output_activation]))].sort()).toEqual(
    Object.keys(LAYERS).sort(),
  );
  expect([...new Set(network.cases.map((c) => c.loss_name))].sort()).toEqual(Object.keys(LOSSES).sort());
});

for (const backend of backends) {
  for (const c of network.cases) {
    test(`${backend.name}: ${c.hidden} hidden, ${c.output_activation} output, ${c.loss_name}`, async () => {
      using engine = await backend.create();
      const dense = (i: number) => thalweg.dense(sizes[i], sizes[i + 1]);
      const hidden = () => layersOf(c.hidden);
      const layers = [dense(0), ...hidden(), dense(1), ...hidden(), dense(2), ...layersOf(c.output_activation)];
      using model = thalweg.sequential(engine, layers);
      const parameters = model.parameters();
      network.W.forEach((w, i) => {
        parameters[2 * i].copyFrom(turned(w));
        parameters[2 * i + 1].copyFrom(network.b[i]);
      });
      const x = matrix(engine, network.X);
      const target = c.target === "classes" ? Int32Array.from(network.classes) : matrix(engine, network[c.target]);
      const prediction = model.forward(x);
      expect(relativeError(prediction.data, flat(c.output))).toBeLessThan(1e-6);
      const { value, grad } = LOSSES[c.loss_name](prediction, target);
      expect(relativeError([value], [c.loss])).toBeLessThan(1e-6);
      const dX = model.backward(grad)!;
      // One case amplifies errors: its dW1 is off by 0.97e-6 in f32 with correctly rounded functions, by 1.26e-6 with
      // ours.
      const within = c.hidden === "selu" && c.loss_name === "half_mse_1986" ? 1.4e-6 : 1e-6;
      expect(relativeError(dX.data, flat(c.dX)), "dX").toBeLessThan(within);
      c.dW.forEach((dW, i) => {
        expect(relativeError(parameters[2 * i].grad, turned(dW)), `dW${i}`).toBeLessThan(within);
        expect(relativeError(parameters[2 * i + 1].grad, c.db[i]), `db${i}`).toBeLessThan(within);
      });
    });
  }

  test(`${backend.name}: losses by themselves, of predictions up to 40 and down to -60`, async () => {
    using engine = await backend.create();
    const classes = Int32Array.from(losses.classes);
    // Smoothed labels are rows of probabilities: 0.9 for the class, and a tenth shared by all three.
    const smooth = losses.classes.map((label) => [0, 1, 2].map((j) => (j === label ? 0.9 : 0) + 0.1 / 3));
    const wanted: [name: string, reduction: string, loss: Loss, target: Tensor | Int32Array][] = [
      ["mse", "mean", thalweg.mse, matrix(engine, losses.target)],
      ["half_mse_1986 (0.5*sum)", "sum", thalweg.halfMse, matrix(engine, losses.target)],
      ["cross_entropy", "mean", thalweg.softmaxCrossEntropy, classes],
      ["nll_of_log_softmax", "mean", thalweg.softmaxCrossEntropy, classes],
      ["cross_entropy_smooth0.1", "mean", thalweg.softmaxCrossEntropy, matrix(engine, smooth)],
      ["cross_entropy_smooth0.1", "mean", smoothed, classes],
      ["l1", "mean", thalweg.l1, matrix(engine, losses.target)],
      ["smooth_l1_beta1", "mean", thalweg.smoothL1, matrix(engine, losses.target)],
      ["huber_delta0.5", "mean", thalweg.huber.with({ delta: 0.5 }), matrix(engine, losses.target)],
      ["bce_with_logits", "mean", thalweg.binaryCrossEntropyWithLogits, matrix(engine, losses.target01)],
      ["bce (log clamped at -100)", "mean", thalweg.binaryCrossEntropy, matrix(engine, losses.target_binary)],
    ];
    // Every case of the file is one of these, in some reduction.
    expect(new Set(losses.cases.map((c) => c.name))).toEqual(new Set(wanted.map(([name]) => name)));
    for (const [name, reduction, loss, target] of wanted) {
      const found = losses.cases.find((c) => c.name === name && c.reduction === reduction)!;
      const { value, grad } = loss(matrix(engine, name.startsWith("bce (") ? losses.prob : losses.pred), target);
      expect(relativeError([value], [found.value]), name).toBeLessThan(1e-6);
      expect(relativeError(grad.data, flat(found.grad)), name).toBeLessThan(1e-6);
    }
  });
}

const matrix = (engine: Engine, values: Matrix): Tensor =>
  engine.tensor([values.length, values[0].length], flat(values));
