import { argumentError } from "../check.js";
import type { Schema } from "../data/schema.js";
import type { Engine } from "../engine/engine.js";
import { elu, leakyRelu, relu, selu, sigmoid, tanh } from "../nn/activation.js";
import { softmaxCrossEntropy } from "../nn/crossEntropy.js";
import { dense } from "../nn/dense.js";
import { dropout } from "../nn/dropout.js";
import type { Init } from "../nn/init.js";
import type { Layer } from "../nn/layer.js";
import type { Loss } from "../nn/loss.js";
import { type Model, sequential } from "../nn/sequential.js";
import { gelu, mish, silu, softplus } from "../nn/smoothActivation.js";
import { mse } from "../nn/squaredError.js";
import type { Settings } from "./settings.js";

/**
 * The activations by name, each with the initialization of the weights before it: He's for those that switch units off.
 */
export const activations: Readonly<Record<string, readonly [layer: () => Layer, init: Init]>> = {
  relu: [relu, "heUniform"],
  leakyRelu: [leakyRelu, "heUniform"],
  elu: [elu, "heUniform"],
  selu: [selu, "glorotUniform"],
  gelu: [gelu, "heUniform"],
  silu: [silu, "heUniform"],
  mish: [mish, "heUniform"],
  softplus: [softplus, "glorotUniform"],
  sigmoid: [sigmoid, "glorotUniform"],
  tanh: [tanh, "glorotUniform"],
};

/** The widths of a network from its inputs to its outputs: one for each class, or one for a regression. */
export const widthsOf = ({ hidden }: Pick<Settings, "hidden">, schema: Schema): number[] => [
  schema.width - 1,
  ...hidden,
  schema.classes?.length ?? 1,
];

/** What the network of a run is made from. */
export type NetworkSettings = Pick<Settings, "hidden" | "activation" | "dropout" | "seed">;

/** Dense layers with the activation, and dropout if any, between them. The engine owns their memory. */
export function network(engine: Engine, settings: NetworkSettings, schema: Schema): Model {
  const { activation, dropout: p, seed } = settings;
  const [layer, init] = activations[activation];
  const [inputs, ...widths] = widthsOf(settings, schema);
  const outputs = widths.pop()!;
  let last = inputs;
  const layers = widths.flatMap((width) => {
    const hidden = [dense(last, width, { init }), layer(), ...(p === undefined ? [] : [dropout(p)])];
    last = width;
    return hidden;
  });
  return sequential(engine, [...layers, dense(last, outputs, { init: "glorotUniform" })], { seed });
}

/** The loss to train with, and the loss to report, which is without label smoothing. */
export function lossesOf(
  { labelSmoothing }: Pick<Settings, "labelSmoothing">,
  { task }: Schema,
): { training: Loss; reported: Loss } {
  if (task === "classification") {
    const training = labelSmoothing === undefined ? softmaxCrossEntropy : softmaxCrossEntropy.with({ labelSmoothing });
    return { training, reported: softmaxCrossEntropy };
  }
  if (labelSmoothing !== undefined)
    throw argumentError("labelSmoothing", "expected classes to predict, got a regression");
  return { training: mse, reported: mse };
}
