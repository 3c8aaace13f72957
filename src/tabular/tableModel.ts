/// <reference path="../host/disposable.d.ts" preserve="true" />
import { typeError } from "../check.js";
import { checkTable } from "../data/checkTable.js";
import { type Examples, predictable } from "../data/encode.js";
import { inputsOf, type Schema } from "../data/schema.js";
import type { Table } from "../data/table.js";
import type { Task } from "../data/target.js";
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import type { Bytes } from "../host/hostTypes.js";
import { isInt32 } from "../host/realm.js";
import type { Model } from "../nn/sequential.js";
import { evaluate, outputsOf } from "../train/evaluate.js";
import { notFinite } from "../train/loadData.js";
import { type Field, fieldsOf } from "./fields.js";
import { encodeModel, type Shape } from "./modelFile.js";
import { lossesOf } from "./network.js";
import { type Prediction, predictionsOf } from "./predictions.js";
import { type Row, rowsTable } from "./rows.js";
import { type Score, scoreOf } from "./score.js";

/** The method that Node calls to print an object. */
const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom") as typeof INSPECT;

/** Predictions for a table, and how good they are. */
export interface Measured {
  predictions: Prediction[];
  /** Over the rows that have a target; undefined if none has. */
  score: Score | undefined;
  /** What stood in for missing and unseen cells: one line for each column of which some were. */
  notes: readonly string[];
}

/** What a model is made from. */
interface Made {
  engine: Engine;
  /** Whether the engine was made for this model, and ends with it. */
  ownsEngine: boolean;
  model: Model;
  shape: Shape;
  schema: Schema;
}

/** A trained network with all that it takes to predict raw rows. Made by `loadModel` and `trainTable`. */
export class TableModel {
  readonly engine: Engine;
  /** How the columns of a table become the inputs of the network: plain data. */
  readonly schema: Schema;
  /** The network alone: standardised inputs to logits or standardised values. */
  readonly network: Model;
  /** @internal */
  readonly shape: Shape;
  readonly #made: Made;

  /** @internal */
  constructor(made: Made) {
    this.engine = made.engine;
    this.schema = made.schema;
    this.network = made.model;
    this.shape = made.shape;
    this.#made = made;
  }

  get task(): Task {
    return this.schema.target.task;
  }
  /** The names of the classes in the order of their numbers; null for a regression. */
  get classes(): readonly string[] | null {
    return this.schema.target.classes;
  }
  /** The name of the target column. */
  get target(): string {
    const column = this.schema.target.column;
    return this.schema.names?.[column] ?? `column ${column}`;
  }
  /** The name of the table that the model was trained on. */
  get source(): string {
    return this.schema.source;
  }
  /** What a row has: enough to make a form of. */
  get fields(): readonly Field[] {
    return fieldsOf(this.schema);
  }

  /**
   * Predicts rows as they are, before any preparation. A field that is missing, null or NaN counts as a missing value, and
   * fields of other names are ignored; a row of such fields alone is refused.
   *
   * @param rows objects by column name, or arrays in the order of the columns
   * @returns for each row `{ label, probabilities }`, or `{ value }` in the target's units for a regression
   * @throws TypeError or RangeError naming the row, counted from 1, and the column
   * @example
   * const [{ label, probabilities }] = model.predict([{ age: 31, city: "Ulm" }]);
   */
  predict(rows: readonly Row[]): Prediction[] {
    return this.measure(rowsTable(this.schema, rows)).predictions;
  }

  /**
   * Predicts the rows of a table, and measures the predictions if it has the target.
   *
   * @param target the column with the true values, by name or index, if it is not called as in training
   * @throws RangeError naming file, row and column
   * @example
   * const { predictions, score } = model.measure(parseTable("age,city,buys\n31,Ulm,yes\n", "new.csv"));
   */
  measure(table: Table, target?: string): Measured {
    checkTable(table);
    if (target !== undefined && typeof target !== "string") throw typeError("target", "text", target);
    if (table.rows.length === 0) return { predictions: [], score: undefined, notes: [] };
    const { rows, x, labelled, notes } = predictable(this.schema, table, target);
    const outputs = this.#outputs(rows, x);
    checkOutputs(table, outputs, outputs.length / rows);
    return {
      predictions: predictionsOf(this.schema, outputs),
      score: labelled && this.#score(labelled),
      notes,
    };
  }

  #outputs(rows: number, x: Float32Array): Float32Array {
    const inputs = this.engine.tensor([rows, inputsOf(this.schema)], x);
    try {
      return outputsOf(this.network, inputs).outputs;
    } finally {
      inputs.dispose();
    }
  }

  #score({ rows, x, y }: Examples): Score {
    const inputs = this.engine.tensor([rows, inputsOf(this.schema)], x);
    let values: Tensor | undefined;
    try {
      if (!isInt32(y)) values = this.engine.tensor([rows, 1], y);
      const { reported: loss } = lossesOf({}, this.schema);
      const evaluation = evaluate(this.network, { x: inputs, y: values ?? (y as Int32Array) }, { loss });
      return scoreOf(this.schema, evaluation, () => outputsOf(this.network, inputs).outputs, y);
    } finally {
      values?.dispose();
      inputs.dispose();
    }
  }

  /**
   * The model as a file for `loadModel`, without the state that a run needs to be resumed: a third of a run's file, or less.
   *
   * @example
   * await writeFile("model.safetensors", model.save());
   */
  save(): Bytes {
    const { model, shape, schema } = this.#made;
    return encodeModel(model, shape, schema);
  }

  /**
   * What `console.log` of Node prints: what the model predicts, and from which columns; not its engine and kernels.
   *
   * @internal
   */
  [INSPECT](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    if (depth < 0) return "[TableModel]";
    const { task, target, classes, fields } = this;
    return `TableModel ${inspect({ task, target, classes, inputs: fields.map(({ name }) => name) }, options)}`;
  }

  /** Frees the model's memory, and ends its engine unless that was given. */
  dispose(): void {
    this.#made.model.dispose();
    if (this.#made.ownsEngine) this.engine.dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Refuses outputs that are not finite, which come of values far beyond those trained on. */
function checkOutputs({ file, lines }: Table, outputs: Float32Array, width: number): void {
  const bad = notFinite(outputs);
  if (bad < 0) return;
  const wanted = "values that the model has a finite prediction for";
  throw new RangeError(`${file}, row ${lines[Math.floor(bad / width)]}: expected ${wanted}, got ${outputs[bad]}`);
}
