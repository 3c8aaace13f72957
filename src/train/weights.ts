import { argumentError, checkBoolean, checkKeys, checkOneOf, show, typeError } from "../check.js";
import type { Tensor } from "../engine/tensor.js";
import type { Bytes } from "../host/hostTypes.js";
import { isFloat32, isFloat64 } from "../host/realm.js";
import { Model } from "../nn/sequential.js";
import type { SafeTensor } from "./safetensors.js";
import { seal, unseal } from "./sealedFile.js";

/** How a dense layer's weight is stored: "thalweg" as [in, out], "pytorch" as [out, in]. */
export type Layout = "thalweg" | "pytorch";

/** How {@link saveWeights} writes a file. */
export interface SaveWeightsOptions {
  /** Default "thalweg". A file in the "pytorch" layout can be loaded by PyTorch into the same stack of layers. */
  layout?: Layout;
  /** Text of your own to store in the file. */
  metadata?: Readonly<Record<string, string>>;
}

/** How {@link loadWeights} reads a file. */
export interface LoadWeightsOptions {
  /** Default: what the file says, by a `format` of "thalweg", or of "pt" as PyTorch's own writer sets it. */
  layout?: Layout;
  /** The prefix of the names in the file: "net." for "net.0.weight". Tensors under other names are then ignored. */
  prefix?: string;
  /**
   * Do not warn on the console about a file that has more than weights: the preparation of a table's columns, which the
   * model then does not have.
   */
  weightsOnly?: boolean;
}

const LAYOUTS = ["thalweg", "pytorch"] as const;

/**
 * Saves the parameters of a model as a safetensors file, under PyTorch's names: "0.weight", "0.bias", "2.weight" …
 *
 * @example
 * const bytes = saveWeights(model); // store them anywhere; `loadWeights(model, bytes)` loads them again
 */
export function saveWeights(model: Model, options: SaveWeightsOptions = {}): Bytes {
  checkModel(model);
  checkKeys("saveWeights", options, ["layout", "metadata"]);
  const { layout = "thalweg", metadata = {} } = options;
  checkOneOf("layout", layout, LAYOUTS);
  const own = parametersOf(model);
  if (layout === "thalweg") return seal("weights", own, metadata);
  const turned = Object.entries(own).map(([name, { shape, data }]) => {
    if (!isDense(name, shape)) return [name, { shape, data }] as const;
    return [name, { shape: [shape[1], shape[0]], data: transposed(data, shape[0], shape[1]) }] as const;
  });
  return seal("weights", Object.fromEntries(turned), { ...metadata, format: "pt" });
}

/**
 * Loads the weights of a safetensors file: one from {@link saveWeights}, a checkpoint, or one that PyTorch wrote from
 * the same stack of layers. PyTorch's nn.Linear stores its weight as [out, in], `dense` as [in, out]: the layout of a
 * file is read from its metadata or given by `layout`, never guessed from shapes.
 *
 * A file that also has the preparation of a table's columns, which these weights need, is warned about on the console:
 * `loadModel` of `thalweg/data` loads both.
 *
 * @throws RangeError for a damaged or foreign file, for a file that does not say its layout, and for the first tensor
 *   that is missing, unknown to the model or of another shape, with its name; then nothing has changed
 * @example
 * loadWeights(model, await (await fetch("mlp.safetensors")).arrayBuffer(), { layout: "pytorch" });
 */
export function loadWeights(model: Model, bytes: Uint8Array | ArrayBuffer, options: LoadWeightsOptions = {}): void {
  checkModel(model);
  checkKeys("loadWeights", options, ["layout", "prefix", "weightsOnly"]);
  const { prefix = "", weightsOnly = false } = options;
  checkBoolean("weightsOnly", weightsOnly);
  if (typeof prefix !== "string") throw typeError("prefix", "text", prefix);
  const { tensors, metadata } = unseal(bytes);
  const layout = options.layout ?? LAYOUT_OF[metadata.get("format") ?? ""];
  if (layout === undefined) throw typeError("layout", '"thalweg" or "pytorch" for a file that does not say', layout);
  checkOneOf("layout", layout, LAYOUTS);
  const checkpoint = metadata.get("kind") === "checkpoint";
  const given = new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix) && !(checkpoint && name.startsWith(STATE)))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
  checkedParameters("bytes", model, given, layout)();
  if (!weightsOnly && hasColumns(metadata))
    console.warn(
      "loadWeights: the file also says how the columns of a table are prepared and scaled, and this model takes inputs that " +
        "are prepared already; loadModel of thalweg/data loads both (weightsOnly: true silences this)",
    );
}

/** Whether a file is of a model of a table: what `save()` of one wrote, or the checkpoint of a run on one. */
function hasColumns(metadata: ReadonlyMap<string, string>): boolean {
  if (metadata.has("model")) return true;
  try {
    const { extra } = JSON.parse(metadata.get("state") ?? "{}") as { extra?: { program?: unknown; schema?: unknown } };
    return typeof extra?.program === "string" && typeof extra.schema === "object";
  } catch {
    return false; // another program's
  }
}

const LAYOUT_OF: Readonly<Record<string, Layout>> = { thalweg: "thalweg", pt: "pytorch" };

/** The prefix of the names of a checkpoint's tensors that are not the model's. */
export const STATE = "state.";

/** The parameters by name, as views of the model's memory. */
export function parametersOf(model: Model): Record<string, { shape: readonly number[]; data: Float32Array }> {
  return Object.fromEntries(model.namedParameters().map(([name, { shape, data }]) => [name, { shape, data }]));
}

/** Checks that tensors are the parameters of a model, and returns a function that loads them. */
export function checkedParameters(
  source: string,
  model: Model,
  given: ReadonlyMap<string, SafeTensor>,
  layout: Layout = "thalweg",
): () => void {
  const named = model.namedParameters();
  const loads = named.map(([name, tensor]) => {
    const turn = layout === "pytorch" && isDense(name, tensor.shape);
    const shape = turn ? [tensor.shape[1], tensor.shape[0]] : tensor.shape;
    const from = given.get(name);
    const wanted = `expected tensor ${show(name)} of shape ${show(shape)}`;
    if (from === undefined) throw argumentError(source, `${wanted}, got none`);
    if (`${from.shape}` !== `${shape}`) throw argumentError(source, `${wanted}, got shape ${show(from.shape)}`);
    const { data } = from;
    if (!(isFloat32(data) || isFloat64(data)))
      throw argumentError(source, `${wanted} and dtype F32, F64, F16 or BF16, got dtype ${from.dtype}`);
    return () => copy(tensor, turn ? transposed(data, shape[0], shape[1]) : data);
  });
  const own = new Set(named.map(([name]) => name));
  for (const [name, { shape }] of given) {
    if (!own.has(name))
      throw argumentError(source, `expected no tensor ${show(name)} for this model, got one of shape ${show(shape)}`);
  }
  return () => {
    for (const load of loads) load();
  };
}

const copy = (to: Tensor, from: ArrayLike<number>): void => void to.data.set(from);

const isDense = (name: string, shape: readonly number[]): boolean => shape.length === 2 && name.endsWith("weight");

/** The transpose of a matrix [rows, columns]. */
function transposed(matrix: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = matrix[r * columns + c];
  return turned;
}

export function checkModel(model: unknown): asserts model is Model {
  if (!(model instanceof Model)) throw typeError("model", "a model made by sequential()", model);
}
