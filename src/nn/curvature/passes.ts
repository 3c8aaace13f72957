import { rangeError, show, typeError } from "../../check.js";
import type { Engine } from "../../engine/engine.js";
import { type Tensor, tensorOf } from "../../engine/tensor.js";
import type { Pass } from "../layer.js";
import { Model } from "../sequential.js";
import { Stack } from "../stack.js";
import type { Workspace } from "./differential.js";
import { Tangents } from "./tangents.js";

/** A batch as `batches` gives it: inputs [rows, columns], and the targets of the loss. */
export interface CurvatureBatch {
  /** The inputs, of shape [rows, columns]. */
  x: Tensor;
  /** The targets, of the prediction's shape, or one class number per row. */
  y: Tensor | Int32Array;
}

/**
 * One forward pass of a model, through layers and buffers of its own, so that the last pass of the model, its gradients and
 * its reports stay as they are. Dropout has the mask that the model's next pass would have.
 */
export class Passes {
  readonly engine: Engine;
  readonly prediction: Tensor;
  readonly #model: Model;
  readonly #stack: Stack;

  constructor(model: Model, x: Tensor) {
    const { engine } = model;
    this.engine = engine;
    this.#model = model;
    const pass: Pass = { training: model.training, drawers: 0, ...model.generatorState };
    this.#stack = new Stack(engine, model.layers, model.parameters(), pass);
    try {
      this.prediction = this.#stack.forward(x);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Runs the layers again, on the parameters as they are by now and with the same masks, into the same prediction. */
  repeat(): void {
    this.#stack.forward(this.#stack.input!);
  }

  /** Tangents along v, whose results go to `out`; without v, gradients alone. */
  along(space: Workspace, v: readonly Tensor[] | undefined, out: readonly Tensor[]): Tangents {
    return new Tangents(space, this.#stack, { v, out });
  }

  /** Counts this as a pass of the model, as its `forward` does in training. */
  count(): void {
    const { seed, step } = this.#model.generatorState;
    if (this.#model.training) this.#model.generatorState = { seed, step: step + 1 };
  }

  dispose(): void {
    this.#stack.dispose();
  }
}

/** Checks a model and its input; returns the parameters. */
export function checkModel(model: unknown, x: unknown): readonly Tensor[] {
  if (!(model instanceof Model)) throw typeError("model", "a model made by sequential()", model);
  const parameters = model.parameters();
  if (parameters.length === 0) throw rangeError("model", "a model with parameters", model);
  for (const p of parameters) p.alive("model");
  const engine: Engine = model.engine;
  engine.checkTensor("batch.x", x, 2);
  if (model.inputs !== undefined && x.shape[1] !== model.inputs)
    throw rangeError("batch.x", `shape [rows, ${model.inputs}]`, x.shape);
  return parameters;
}

/** Checks a list with a tensor of the shape of each parameter. */
export function checkLike(name: string, model: Model, tensors: unknown): readonly Tensor[] {
  const engine: Engine = model.engine;
  const parameters = model.parameters();
  if (!Array.isArray(tensors)) throw typeError(name, "an array of tensors, one for each parameter", tensors);
  if (tensors.length !== parameters.length)
    throw rangeError(name, `${parameters.length} tensors, one for each parameter`, tensors);
  for (const [i, { shape }] of parameters.entries()) {
    const tensor: unknown = tensors[i];
    engine.checkTensor(`${name}[${i}]`, tensor);
    const same = tensor.shape.length === shape.length && tensor.shape.every((d, k) => d === shape[k]);
    if (!same) throw rangeError(`${name}[${i}]`, `shape ${show(shape)}, as the parameter`, tensor.shape);
  }
  return tensors;
}

/** Checks the tensors that are to receive a result: each once, and none that is read. */
export function checkOut(model: Model, out: unknown, read: readonly unknown[]): readonly Tensor[] | undefined {
  if (out === undefined) return undefined;
  const tensors = checkLike("out", model, out);
  const taken: readonly unknown[] = [...model.parameters(), ...read];
  tensors.forEach((tensor, i) => {
    if (taken.includes(tensor) || tensors.indexOf(tensor) !== i)
      throw rangeError(`out[${i}]`, "a tensor of its own, which is neither read nor given twice", tensor);
  });
  return tensors;
}

/** Runs with tensors that receive a result: those given, or new ones, which are freed again if it throws. */
export function into(
  model: Model,
  given: readonly Tensor[] | undefined,
  run: (out: readonly Tensor[]) => void,
): readonly Tensor[] {
  const made: Tensor[] = [];
  try {
    if (!given) for (const { shape } of model.parameters()) made.push(tensorOf(model.engine, shape));
    const out = given ?? made;
    run(out);
    return out;
  } catch (error) {
    for (const tensor of made) tensor.dispose();
    throw error;
  }
}
