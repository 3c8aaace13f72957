import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../src/engine/engine.js";
import type { Tensor } from "../src/engine/tensor.js";
import * as thalweg from "../src/index.js";
import type { Layer } from "../src/nn/layer.js";
import type { Loss } from "../src/nn/loss.js";
import { backends } from "./support/backends.js";
import { relativeError } from "./support/reference.js";

// Networks and losses against PyTorch's autograd in double precision: test/golden/mlp.json and losses.json.

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
  classes: number[];
  /** Values and gradients are single where the reduction is mean or sum. */
  cases: { name: string; reduction: string; value: number; grad: Matrix }[];
}

const golden = (name: string) => JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8"));
const network: Network = golden("mlp");
const losses: Losses = golden("losses");

// The names of the reference, and ours: a case runs as soon as the library has what it needs.
const LAYERS: Record<string, string> = {
  sigmoid: "sigmoid",
  tanh: "tanh",
  relu: "relu",
  gelu: "gelu",
  leaky_relu: "leakyRelu",
  elu: "elu",
  silu: "silu",
  softplus: "softplus",
};
const LOSSES: Record<string, string> = {
  mse_mean: "mse",
  half_mse_1986: "halfMse",
  cross_entropy: "softmaxCrossEntropy",
  bce_with_logits: "binaryCrossEntropyWithLogits",
};
const exported = thalweg as unknown as Record<string, unknown>;
const layersOf = (name: string): Layer[] | undefined => {
  if (name === "identity") return [];
  const make = exported[LAYERS[name] ?? ""] as (() => Layer) | undefined;
  return make && [make()];
};
const lossOf = (name: string) => exported[LOSSES[name] ?? ""] as Loss | undefined;

const { sizes } = network;
const runnable = network.cases.filter(
  (c) => layersOf(c.hidden) && layersOf(c.output_activation) && lossOf(c.loss_name),
);
const flat = (matrix: Matrix): number[] => matrix.flat();
/** The reference holds weights as [out, in]. */
const turned = (matrix: Matrix): number[] => matrix[0]!.flatMap((_, i) => matrix.map((row) => row[i]!));

test("the cases that the library must cover are all there", () => {
  const named = runnable.map((c) => `${c.hidden} ${c.output_activation} ${c.loss_name}`);
  for (const hidden of ["identity", "sigmoid", "tanh", "relu"]) {
    for (const rest of ["identity mse_mean", "sigmoid half_mse_1986", "identity cross_entropy"]) {
      expect(named).toContain(`${hidden} ${rest}`);
    }
  }
  expect(named).toContain("tanh tanh mse_mean");
});

for (const backend of backends) {
  for (const c of runnable) {
    test(`${backend.name}: ${c.hidden} hidden, ${c.output_activation} output, ${c.loss_name}`, async () => {
      using engine = await backend.create();
      const dense = (i: number) => thalweg.dense(sizes[i]!, sizes[i + 1]!);
      const hidden = () => layersOf(c.hidden)!;
      const layers = [dense(0), ...hidden(), dense(1), ...hidden(), dense(2), ...layersOf(c.output_activation)!];
      using model = thalweg.sequential(engine, layers);
      const parameters = model.parameters();
      network.W.forEach((w, i) => {
        parameters[2 * i]!.copyFrom(turned(w));
        parameters[2 * i + 1]!.copyFrom(network.b[i]!);
      });
      const x = matrix(engine, network.X);
      const target = c.target === "classes" ? Int32Array.from(network.classes) : matrix(engine, network[c.target]);
      const prediction = model.forward(x);
      expect(relativeError(prediction.data, flat(c.output))).toBeLessThan(1e-6);
      const { value, grad } = lossOf(c.loss_name)!(prediction, target);
      expect(relativeError([value], [c.loss])).toBeLessThan(1e-6);
      const dX = model.backward(grad)!;
      expect(relativeError(dX.data, flat(c.dX)), "dX").toBeLessThan(1e-6);
      c.dW.forEach((dW, i) => {
        expect(relativeError(parameters[2 * i]!.grad, turned(dW)), `dW${i}`).toBeLessThan(1e-6);
        expect(relativeError(parameters[2 * i + 1]!.grad, c.db[i]!), `db${i}`).toBeLessThan(1e-6);
      });
    });
  }

  test(`${backend.name}: losses alone, of predictions as far out as 40 and -60`, async () => {
    using engine = await backend.create();
    const classes = Int32Array.from(losses.classes);
    // Smoothed labels are rows of probabilities: 0.9 for the class, and a tenth shared by all three.
    const smooth = losses.classes.map((label) => [0, 1, 2].map((j) => (j === label ? 0.9 : 0) + 0.1 / 3));
    const wanted: [name: string, reduction: string, loss: Loss, target: Tensor | Int32Array][] = [
      ["mse", "mean", thalweg.mse, matrix(engine, losses.target)],
      ["half_mse_1986 (0.5*sum)", "sum", thalweg.halfMse, matrix(engine, losses.target)],
      ["cross_entropy", "mean", thalweg.softmaxCrossEntropy, classes],
      ["cross_entropy_smooth0.1", "mean", thalweg.softmaxCrossEntropy, matrix(engine, smooth)],
    ];
    for (const [name, reduction, loss, target] of wanted) {
      const found = losses.cases.find((c) => c.name === name && c.reduction === reduction)!;
      const { value, grad } = loss(matrix(engine, losses.pred), target);
      expect(relativeError([value], [found.value]), name).toBeLessThan(1e-6);
      expect(relativeError(grad.data, flat(found.grad)), name).toBeLessThan(1e-6);
    }
  });
}

const matrix = (engine: Engine, values: Matrix): Tensor =>
  engine.tensor([values.length, values[0]!.length], flat(values));
