/** A model and option sets that between them reach all that K-FAC does. */
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { relu, tanh } from "../../src/nn/activation.js";
import { concat } from "../../src/nn/concat.js";
import { softmaxCrossEntropy } from "../../src/nn/crossEntropy.js";
import { dense } from "../../src/nn/dense.js";
import { layerNorm } from "../../src/nn/layerNorm.js";
import { type Model, sequential } from "../../src/nn/sequential.js";
import { mse } from "../../src/nn/squaredError.js";
import type { Kfac, KfacHyper } from "../../src/optim/kfac.js";
import { uniform } from "./numbers.js";

export const SETS: [string, Partial<KfacHyper>][] = [
  ["drawn labels", {}],
  ["all labels", { fisher: "exact", momentum: 0, klClip: null }],
  ["the data's labels", { fisher: "empirical", weightDecay: 0.1, piDamping: false }],
  ["the eigenbasis", { inverse: "eigen", statStart: "identity" }],
  ["mse", { loss: "mse", preconditionFrequency: 3 }],
  ["mse, all outputs", { loss: "mse", fisher: "exact", seed: -7 }],
];
const ROWS = 9;
const INPUTS = 5;

/** Dense layers side by side, fused with a relu, without a bias, and a norm between them. */
export const build = (engine: Engine): Model =>
  sequential(
    engine,
    [
      concat([
        [dense(INPUTS, 16), relu()],
        [dense(INPUTS, 4), tanh()],
      ]),
      layerNorm(20),
      dense(20, 6, { bias: false }),
      tanh(),
      dense(6, 3),
    ],
    { seed: 3 },
  );

/** Forward and backward over a batch that depends on the step alone. */
export function propagate(
  model: Model,
  t: number,
  loss: KfacHyper["loss"] = "softmaxCrossEntropy",
  rows = ROWS,
): Tensor {
  const x = model.engine.tensor([rows, INPUTS], uniform(rows * INPUTS, 10 * t));
  const output = model.forward(x);
  if (loss === "mse") {
    using y = model.engine.tensor([rows, 3], uniform(rows * 3, 10 * t + 1));
    model.backward(mse(output, y).grad, { inputGrad: false });
  } else {
    const labels = Int32Array.from({ length: rows }, (_, i) => (i * i + t) % 3);
    model.backward(softmaxCrossEntropy(output, labels).grad, { inputGrad: false });
  }
  return x;
}

/** Steps from step `from` on. */
export function walk(model: Model, opt: Pick<Kfac, "step">, from: number, to: number, loss?: KfacHyper["loss"]): void {
  for (let t = from; t < to; t++) {
    using _ = propagate(model, t, loss);
    opt.step(undefined, { zeroGrad: true });
  }
}
