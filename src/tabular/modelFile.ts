/**
 * A model alone, as a file for pages and services (docs/model-file.md): the weights that predictions are made with, the
 * columns and the widths, without the state that a run needs to be resumed.
 */
import { argumentError, checkKeys, isArgumentError, show } from "../check.js";
import { checkSchema } from "../data/checkSchema.js";
import type { Schema } from "../data/schema.js";
import type { Engine } from "../engine/engine.js";
import type { Bytes } from "../host/hostTypes.js";
import type { Model } from "../nn/sequential.js";
import { pack, unpack } from "../train/plainData.js";
import type { SafeTensor, SafeTensors } from "../train/safetensors.js";
import { seal } from "../train/sealedFile.js";
import { checkedParameters, parametersOf, STATE } from "../train/weights.js";
import { checkSettings } from "./checkSettings.js";
import { checkTensors, network, tensorsOf } from "./network.js";
import type { Settings } from "./settings.js";

/** The kind of file and the version of what it says of its model. */
export const MODEL = "thalweg model 2";

/** What a model file says of its network. */
export type Shape = Pick<Settings, "hidden" | "activation">;

/** The bytes of a model file. `model` may have dropout layers, which the file has not. */
export function encodeModel(model: Model, shape: Shape, schema: Schema): Bytes {
  const own = Object.values(parametersOf(model));
  const tensors: Record<string, Pick<SafeTensor, "shape" | "data">> = Object.fromEntries(
    tensorsOf(shape, schema).map(([name], i) => [name, own[i]]),
  );
  // The name of the training table without its folders, which are of no use to those who are handed the file.
  const source = schema.source.replace(/^.*[/\\]/s, "");
  const about = pack({ program: MODEL, ...shape, schema: { ...schema, source } }, STATE.slice(0, -1), tensors);
  return seal("weights", tensors, { model: JSON.stringify(about) });
}

/**
 * Makes the model of a file whose metadata has `about`, checked against its tensors before any memory is taken.
 *
 * @throws RangeError or TypeError for a file of another version, or one that contradicts itself
 */
export function decodeModel(
  engine: Engine,
  { tensors }: SafeTensors,
  about: string,
): { model: Model; shape: Shape; schema: Schema } {
  const own = new Map([...tensors].filter(([name]) => !name.startsWith(STATE)));
  try {
    const { shape, schema } = checked(about, tensors);
    checkTensors("bytes", shape, schema, own);
    const model = network(engine, { ...shape, seed: 0 }, schema);
    try {
      checkedParameters("bytes", model, own)();
    } catch (error) {
      model.dispose();
      throw error;
    }
    return { model, shape, schema };
  } catch (error) {
    if (!isArgumentError(error) || error.argument === "bytes") throw error;
    throw argumentError("bytes", `${error.argument}: ${error.problem}`);
  }
}

function checked(about: string, tensors: SafeTensors["tensors"]): { shape: Shape; schema: Schema } {
  let found: unknown;
  try {
    found = unpack(JSON.parse(about), tensors);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const { program } = (found ?? {}) as { program?: unknown };
  if (program !== MODEL) throw argumentError("bytes", `expected a file of "${MODEL}", got ${show(program ?? about)}`);
  checkKeys("model", found, ["program", "hidden", "activation", "schema"]);
  const { hidden, activation, schema } = found as Partial<Shape> & { schema?: unknown };
  checkSettings({ hidden, activation });
  if (hidden === undefined || activation === undefined)
    throw argumentError("model", "expected hidden and activation, got none");
  return { shape: { hidden, activation }, schema: checkSchema(schema) };
}
