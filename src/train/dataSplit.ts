import { rangeError, typeError } from "../check.js";
import type { Model } from "../nn/sequential.js";
import type { Random } from "../random.js";
import { everyRow } from "./batches.js";
import { type Data, type Loaded, load } from "./loadData.js";

/** Rows of loaded data that one purpose has for itself. */
export interface Part {
  data: Loaded;
  rows: Int32Array;
}

/** What a run trains on and what it is measured on. */
export interface Parts {
  training: Part;
  validation: Part | undefined;
  /** Frees what loading allocated. */
  dispose(): void;
}

/** Loads data for a run on a model, checked whole: a fraction of it, drawn at random, or data of their own validate. */
export function parts(model: Model, data: Data, validation: number | Data | undefined, random: Random): Parts {
  const { engine } = model;
  const training = loadFor(model, "data", data);
  try {
    if (validation === undefined || typeof validation === "number") {
      const [own, held] = split(training.rows, validation, random);
      const part = held && { data: training, rows: held };
      return { training: { data: training, rows: own }, validation: part, dispose: () => training.dispose() };
    }
    const other = loadFor(model, "validation", validation);
    try {
      checkAlike(training, other);
    } catch (error) {
      other.dispose();
      throw error;
    }
    return {
      training: { data: training, rows: everyRow(training.rows) },
      validation: { data: other, rows: everyRow(other.rows) },
      dispose() {
        training.dispose();
        other.dispose();
      },
    };
  } catch (error) {
    training.dispose();
    throw error;
  }

  function loadFor(model: Model, name: string, from: Data): Loaded {
    const loaded = load(engine, from, name);
    try {
      checkLabels(name, model, loaded.y);
      return loaded;
    } catch (error) {
      loaded.dispose();
      throw error;
    }
  }
}

function split(rows: number, fraction: number | undefined, random: Random): [Int32Array, Int32Array | undefined] {
  const order = everyRow(rows);
  if (fraction === undefined) return [order, undefined];
  if (!(fraction > 0 && fraction < 1)) throw rangeError("validation", "a fraction between 0 and 1, or data", fraction);
  if (rows < 2) throw rangeError("data.x", "at least two rows, one of them for validation", `${rows} row`);
  random.shuffle(order);
  const held = Math.min(Math.max(Math.round(fraction * rows), 1), rows - 1);
  // In the order of the data: what is left is shuffled for each epoch anyway, and sums over the rest read better so.
  return [order.slice(held).sort(), order.slice(0, held).sort()];
}

/** Data to validate on must be of the form of those to train on: otherwise the first epoch would end in an error. */
function checkAlike({ x, y }: Loaded, other: Loaded): void {
  if (other.x.shape[1] !== x.shape[1]) {
    throw rangeError("validation.x", `${x.shape[1]} columns, as data.x`, `${other.x.shape[1]} columns`);
  }
  if (y instanceof Int32Array !== other.y instanceof Int32Array)
    throw typeError("validation.y", y instanceof Int32Array ? "an Int32Array, as data.y" : "rows, as data.y", other.y);
  if (y instanceof Int32Array || other.y instanceof Int32Array) return;
  if (other.y.shape[1] !== y.shape[1]) {
    throw rangeError("validation.y", `${y.shape[1]} columns, as data.y`, `${other.y.shape[1]} columns`);
  }
}

/** All class numbers before the first step: the loss would find a wrong one in mid-run, with the model half trained. */
export function checkLabels(name: string, model: Model, y: unknown): void {
  const classes = model.layers.reduce<number | undefined>((width, { outputs = width }) => outputs, undefined);
  if (!(y instanceof Int32Array) || classes === undefined) return;
  y.forEach((label, r) => {
    if (label < 0 || label >= classes) throw rangeError(`${name}.y[${r}]`, `a class from 0 to ${classes - 1}`, label);
  });
}
