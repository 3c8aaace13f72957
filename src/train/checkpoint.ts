import { argumentError, checkKeys, show, typeError } from "../check.js";
import type { Bytes } from "../host/hostTypes.js";
import { isKind } from "../host/realm.js";
import type { Model } from "../nn/sequential.js";
import { Optimizer } from "../optim/core/optimizer.js";
import { pack, unpack } from "./plainData.js";
import type { SafeTensor } from "./safetensors.js";
import { seal, unseal } from "./sealedFile.js";
import { checkedParameters, checkModel, parametersOf, STATE } from "./weights.js";

/**
 * Anything that saves its state as plain data and restores it: averages of weights, a schedule that follows a metric.
 */
export interface Stateful {
  stateDict(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each restores its own kind of state
  loadStateDict(state: any): void;
}

/** What a checkpoint saves, and what it is loaded into. */
export interface Checkpointed {
  model: Model;
  // biome-ignore lint/suspicious/noExplicitAny: whatever its rule
  optimizer?: Optimizer<any, any> | Stateful;
  /** Further objects with a state, under names of your choice. */
  stateful?: Readonly<Record<string, Stateful>>;
}

/** The contents of a checkpoint, not yet loaded into a model. */
export interface Checkpoint {
  /** The model's parameters by name. */
  tensors: Map<string, SafeTensor>;
  /** The plain data that was saved as `extra`. */
  extra: unknown;
  /** @internal */
  state: {
    optimizer?: unknown;
    generatorState: Model["generatorState"];
    stateful: Record<string, unknown>;
    extra?: unknown;
    run?: unknown;
  };
}

/**
 * Saves everything that a later run needs in order to resume with the same bits, as one safetensors file: the
 * parameters under PyTorch's names, the optimizer with its step count (the position of its schedules), the state of the
 * model's random generator, and plain data of your own. Numbers are restored to the last bit, NaN and infinities
 * included.
 *
 * @param what.optimizer an optimizer, or anything with `stateDict` and `loadStateDict`
 * @param extra plain data: numbers, text, arrays, objects, Float32Arrays …
 * @throws TypeError for anything that is not plain data
 * @example
 * const bytes = saveCheckpoint({ model, optimizer }, { epoch: 3 });
 */
export function saveCheckpoint(what: Checkpointed, extra?: unknown): Bytes {
  return encodeCheckpoint(checked("saveCheckpoint", what), extra);
}

/** As {@link saveCheckpoint}, of a checked model, with the position of a run of `train`. */
export function encodeCheckpoint(what: Checkpointed, extra: unknown, run?: unknown): Bytes {
  const { model, optimizer, stateful = {} } = what;
  const state = {
    optimizer: optimizer?.stateDict(),
    generatorState: model.generatorState,
    stateful: Object.fromEntries(Object.entries(stateful).map(([name, one]) => [name, one.stateDict()])),
    extra,
    run,
  };
  const tensors: Record<string, Pick<SafeTensor, "shape" | "data">> = parametersOf(model);
  const packed = pack(state, STATE.slice(0, -1), tensors);
  return seal("checkpoint", tensors, { state: JSON.stringify(packed) });
}

/**
 * Reads a checkpoint without loading it: to look at its contents, or to build the model that it is for.
 *
 * @throws RangeError for bytes that are cut short, damaged or not a checkpoint
 * @example
 * const { tensors, extra } = readCheckpoint(bytes);
 * const [inputs, outputs] = tensors.get("0.weight").shape;
 */
export function readCheckpoint(bytes: Uint8Array | ArrayBuffer): Checkpoint {
  const { tensors, metadata } = unseal(bytes);
  const text = metadata.get("state");
  if (metadata.get("format") !== "thalweg" || metadata.get("kind") !== "checkpoint" || text === undefined)
    throw argumentError(
      "bytes",
      `expected a checkpoint, got a safetensors file of ${show(metadata.get("kind") ?? "another format")}`,
    );
  const state = stateOf(text, tensors);
  return { tensors: new Map([...tensors].filter(([name]) => !name.startsWith(STATE))), extra: state.extra, state };
}

/** Parses the state in a checkpoint's metadata, which a file with a valid checksum may still have wrong. */
function stateOf(text: string, tensors: ReadonlyMap<string, SafeTensor>): Checkpoint["state"] {
  let state: unknown;
  try {
    state = unpack(JSON.parse(text), tensors);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const { generatorState, stateful } = (state ?? {}) as Partial<Checkpoint["state"]>;
  if (typeof generatorState !== "object" || typeof stateful !== "object" || stateful === null)
    throw argumentError("bytes", "expected a checkpoint, got one whose state cannot be read");
  return state as Checkpoint["state"];
}

/**
 * Loads a checkpoint into a model of the same architecture and an optimizer of the same rule and groups.
 *
 * @param bytes from {@link saveCheckpoint} or from a checkpoint of `train`; or a checkpoint from {@link readCheckpoint}
 * @returns the plain data that was saved as `extra`
 * @throws RangeError or TypeError for a damaged or foreign file, for another architecture (naming the first tensor that
 *   does not fit) or another optimizer; then nothing has changed
 * @example
 * const { epoch } = loadCheckpoint(bytes, { model, optimizer });
 */
export function loadCheckpoint(bytes: Uint8Array | ArrayBuffer | Checkpoint, into: Checkpointed): unknown {
  const checkpoint = isRead(bytes) ? bytes : readCheckpoint(bytes);
  restore(checkpoint, checked("loadCheckpoint", into));
  return checkpoint.extra;
}

/** Whether this is a checkpoint that has been read already, rather than its bytes. */
export const isRead = (value: unknown): value is Checkpoint => isKind("Map", (value as Checkpoint | null)?.tensors);

/** Loads a checkpoint whole, or throws with nothing changed. */
export function restore(checkpoint: Checkpoint, { model, optimizer, stateful = {} }: Checkpointed): void {
  const { tensors, state } = checkpoint;
  const loadModel = checkedParameters("checkpoint", model, tensors);
  // The optimizer comes last, when the schedules that it reads its learning rate from have been restored.
  const all = Object.entries(stateful).map(([name, one]): [string, Stateful, unknown] => [
    name,
    one,
    state.stateful[name],
  ]);
  if (optimizer) all.push(["optimizer", optimizer, state.optimizer]);
  for (const [name, , saved] of all) {
    if (saved === undefined) throw argumentError("checkpoint", `expected the state of ${show(name)}, got none`);
  }
  const done: (() => void)[] = [];
  try {
    for (const [, one, saved] of all) {
      const before = one.stateDict();
      one.loadStateDict(saved);
      done.push(() => one.loadStateDict(before));
    }
    model.generatorState = state.generatorState;
  } catch (error) {
    for (const undo of done.reverse()) undo();
    throw error;
  }
  loadModel();
}

function checked(name: string, what: Checkpointed): Checkpointed {
  if (typeof what !== "object" || what === null) throw typeError(name, "an object { model, optimizer }", what);
  checkKeys(name, what, ["model", "optimizer", "stateful"]);
  checkModel(what.model);
  if (what.optimizer !== undefined && !(what.optimizer instanceof Optimizer))
    checkStateful("optimizer", what.optimizer);
  for (const [key, one] of Object.entries(what.stateful ?? {})) checkStateful(`stateful.${key}`, one);
  return what;
}

export function checkStateful(name: string, one: unknown): asserts one is Stateful {
  const { stateDict, loadStateDict } = (one ?? {}) as Partial<Stateful>;
  if (typeof stateDict !== "function" || typeof loadStateDict !== "function")
    throw typeError(name, "an object with stateDict() and loadStateDict(state)", one);
}
