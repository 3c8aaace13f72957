import { expect, test } from "vitest";
import type { Engine } from "../src/engine/engine.js";
import type { Tensor } from "../src/engine/tensor.js";
import { relu, sigmoid, tanh } from "../src/nn/activation.js";
import { dense } from "../src/nn/dense.js";
import type { Layer } from "../src/nn/layer.js";
import { halfMse, type Loss, mse, softmaxCrossEntropy } from "../src/nn/loss.js";
import { sequential } from "../src/nn/sequential.js";
import { backends } from "./support/backends.js";
import { numbers, uniform } from "./support/numbers.js";
import { differences, forward, losses, relativeError, type Spec } from "./support/reference.js";

// Gradients against central differences of a network in f64 that shares nothing with the library.

const d = (inputs: number, outputs: number, bias = true): Spec => ({ kind: "dense", inputs, outputs, bias });
const a = (kind: "relu" | "sigmoid" | "tanh"): Spec => ({ kind });

const stacks: { name: string; width: number; specs: Spec[] }[] = [
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
  { name: "three activations after a dense", width: 4, specs: [d(4, 5), a("tanh"), a("relu"), a("tanh")] },
];

interface LossCase {
  name: string;
  loss: Loss;
  reference: (y: Float64Array, t: ArrayLike<number>, rows: number) => number;
  /** Targets as numbers, one for each output: values, rows of probabilities, or ones and zeros. */
  target(rows: number, columns: number): Float32Array;
  /** Class numbers instead, for the library. */
  labels?: true;
}

const oneHot = (rows: number, columns: number): Float32Array => {
  const next = numbers(rows * columns);
  const t = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) t[r * columns + Math.floor(next() * columns)] = 1;
  return t;
};
const anyWeights = (rows: number, columns: number) => uniform(rows * columns, 9).map((x) => (x + 1) / columns);

const cases: LossCase[] = [
  { name: "mse", loss: mse, reference: losses.mse, target: (r, c) => uniform(r * c, 8) },
  { name: "halfMse", loss: halfMse, reference: losses.halfMse, target: (r, c) => uniform(r * c, 7) },
  { name: "labels", loss: softmaxCrossEntropy, reference: losses.crossEntropy, target: oneHot, labels: true },
  // Rows that need not sum to one: the gradient of what was asked for, not of what was meant.
  { name: "probabilities", loss: softmaxCrossEntropy, reference: losses.crossEntropy, target: anyWeights },
];

const layerOf = (spec: Spec): Layer => {
  if (spec.kind === "dense") return dense(spec.inputs, spec.outputs, { bias: spec.bias });
  return { relu, sigmoid, tanh }[spec.kind]();
};

function targetOf(engine: Engine, { target, labels }: LossCase, rows: number, columns: number): Tensor | Int32Array {
  const values = target(rows, columns);
  if (!labels) return engine.tensor([rows, columns], values);
  return Int32Array.from({ length: rows }, (_, r) => values.indexOf(1, r * columns) - r * columns);
}

for (const backend of backends) {
  for (const { name, width, specs } of stacks) {
    test(`${backend.name}: ${name}, under every loss`, async () => {
      using engine = await backend.create();
      for (const rows of [1, 5]) {
        for (const lossCase of cases) {
          const label = `${lossCase.name}, ${rows} rows`;
          using model = sequential(engine, specs.map(layerOf), { seed: 3 });
          const x = engine.tensor([rows, width], uniform(rows * width, 5 + rows, 2));
          const prediction = model.forward(x);
          const columns = prediction.shape[1]!;
          const target = targetOf(engine, lossCase, rows, columns);
          const { value, grad } = lossCase.loss(prediction, target);
          const lossGrad = grad.toArray();

          const parameters = model.parameters().map((p) => Float64Array.from(p.data));
          const input = Float64Array.from(x.data);
          const t = lossCase.target(rows, columns);
          const { y, kink } = forward(specs, parameters, rows, input);
          expect(kink, "choose another seed: an input of a relu is too close to 0").toBeGreaterThan(1e-3);
          const run = () => lossCase.reference(forward(specs, parameters, rows, input).y, t, rows);

          expect(relativeError(prediction.data, y), label).toBeLessThan(1e-6);
          expect(relativeError([value], [run()]), label).toBeLessThan(1e-6);
          const byY = differences(() => lossCase.reference(y, t, rows), y);
          expect(relativeError(lossGrad, byY), `${label}: gradient of the loss`).toBeLessThan(2e-6);

          const inputGrad = model.backward(grad)!;
          expect(inputGrad.shape).toEqual([rows, width]);
          expect(relativeError(inputGrad.data, differences(run, input)), `${label}: input`).toBeLessThan(2e-6);
          for (const [i, [parameter, tensor]] of model.namedParameters().entries()) {
            const want = differences(run, parameters[i]!);
            expect(relativeError(tensor.grad, want), `${label}: ${parameter}`).toBeLessThan(2e-6);
          }
        }
      }
    });
  }
}
