import { argumentError, show } from "../check.js";
import { inputsOf, type Schema } from "../data/schema.js";
import type { Engine } from "../engine/engine.js";
import { elu, leakyRelu, relu, selu, sigmoid, tanh } from "../nn/activation.js";
import { balancedWeights } from "../nn/classWeights.js";
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
  inputsOf(schema),
  ...hidden,
  schema.target.classes?.length ?? 1,
];

/**
 * The tensors of a network by name, with their shapes, in order: so that a file can be checked before memory is taken.
 */
export function tensorsOf(
  settings: Pick<Settings, "hidden" | "dropout">,
  schema: Schema,
): [name: string, shape: number[]][] {
  const widths = widthsOf(settings, schema);
  const layers = settings.dropout === undefined ? 2 : 3; // a dense layer, its activation, and dropout
  return widths.slice(1).flatMap((width, i): [string, number[]][] => [
    [`${i * layers}.weight`, [widths[i], width]],
    [`${i * layers}.bias`, [width]],
  ]);
}

/**
 * Checks that the tensors of a file are those of a network: what a file claims of itself takes no memory and no time beyond
 * what its own tensors take.
 */
export function checkTensors(
  source: string,
  settings: Pick<Settings, "hidden" | "dropout">,
  schema: Schema,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): void {
  const count = 2 * (settings.hidden.length + 1);
  if (tensors.size !== count)
    throw argumentError(source, `expected ${count} tensors, for ${count / 2} dense layers, got ${tensors.size}`);
  for (const [name, shape] of tensorsOf(settings, schema)) {
    const found = tensors.get(name)?.shape;
    if (`${found}` === `${shape}`) continue;
    const got = found === undefined ? "none" : `shape ${show(found)}`;
    throw argumentError(source, `expected tensor ${show(name)} of shape ${show(shape)}, got ${got}`);
  }
}

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

/**
 * The loss to train with, and the loss to report, which is without label smoothing and weights of classes.
 *
 * @param labels the class numbers of the rows trained on, which balanced weights are computed from
 */
export function lossesOf(
  { labelSmoothing, classWeights }: Pick<Settings, "labelSmoothing" | "classWeights">,
  schema: Schema,
  labels: ArrayLike<number> = [],
): { training: Loss; reported: Loss } {
  const classes = schema.target.classes;
  if (classes === null) {
    const refused = Object.entries({ labelSmoothing, classWeights }).find(([, value]) => value !== undefined);
    if (refused) throw argumentError(refused[0], "expected classes to predict, got a regression");
    return { training: mse, reported: mse };
  }
  if ((labelSmoothing ?? classWeights) === undefined)
    return { training: softmaxCrossEntropy, reported: softmaxCrossEntropy };
  const training = softmaxCrossEntropy.with({
    ...(labelSmoothing !== undefined && { labelSmoothing }),
    ...(classWeights && { classWeights: balancedWeights(labels, classes.length) }),
  });
  return { training, reported: softmaxCrossEntropy };
}
