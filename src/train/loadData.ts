import { rangeError, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import { checkNumbers, Tensor } from "../engine/tensor.js";
import { isInt32 } from "../host/realm.js";
import { LARGEST } from "../math/f32.js";
import type { Model } from "../nn/sequential.js";

/** Rows of numbers: a tensor [rows, columns], or arrays of equal length. */
export type Rows = Tensor | readonly ArrayLike<number>[];

/** Examples: inputs x, and targets y as rows of values or as one class number per row. */
export interface Data {
  x: Rows;
  y: Rows | Int32Array;
}

/** Data that have been copied to an engine's memory. */
export interface Loaded {
  x: Tensor;
  y: Tensor | Int32Array;
  rows: number;
  /** Frees the memory that loading allocated; the caller's own tensors stay. */
  dispose(): void;
}

/** Copies data to the engine's memory and checks that x and y have the same number of rows. */
export function load(engine: Engine, data: Data, name = "data"): Loaded {
  if (typeof data !== "object" || data === null) throw typeError(name, "an object { x, y }", data);
  const own: Tensor[] = [];
  const tensor = (name: string, rows: Rows, expected?: string): Tensor => {
    const made = loadRows(engine, name, rows, expected);
    if (made !== rows) own.push(made);
    return made;
  };
  const dispose = () => {
    for (const made of own) made.dispose();
  };
  try {
    const x = tensor(`${name}.x`, data.x);
    const y = isInt32(data.y) ? data.y : tensor(`${name}.y`, data.y, TARGETS);
    const rows = x.shape[0];
    const targets = isInt32(y) ? y.length : y.shape[0];
    if (targets !== rows) throw rangeError(`${name}.y`, `${rows} rows, as ${name}.x`, `${targets} rows`);
    return { x, y, rows, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * As {@link load}, with every class number checked against the outputs of the model that the data are for, and every
 * number for being finite.
 *
 * @param finite whether numbers must be finite; a run that lets its loss be NaN takes any
 */
export function loadFor(model: Model, data: Data, name = "data", finite = true): Loaded {
  const loaded = load(model.engine, data, name);
  try {
    checkLabels(name, model, loaded.y);
    if (!finite) return loaded;
    checkFinite(`${name}.x`, data.x, loaded.x);
    if (loaded.y instanceof Tensor) checkFinite(`${name}.y`, data.y as Rows, loaded.y);
    return loaded;
  } catch (error) {
    loaded.dispose();
    throw error;
  }
}

/**
 * Checks all class numbers before the first step: the loss would refuse one in mid-run, with the model half trained.
 */
function checkLabels(name: string, model: Model, y: Loaded["y"]): void {
  const classes = model.layers.reduce<number | undefined>((width, { outputs = width }) => outputs, undefined);
  if (!isInt32(y) || classes === undefined) return;
  y.forEach((label, r) => {
    if (label < 0 || label >= classes) throw rangeError(`${name}.y[${r}]`, `a class from 0 to ${classes - 1}`, label);
  });
}

/**
 * Refuses numbers that are NaN or infinite in f32: one of them makes all parameters NaN, or passes unseen where a relu
 * takes NaN for 0.
 *
 * @param given what `loaded` was made from
 */
export function checkFinite(name: string, given: Rows, loaded: Tensor): void {
  const at = notFinite(loaded.data);
  if (at < 0) return;
  const columns = loaded.shape[1];
  const [row, column] = [Math.floor(at / columns), at % columns];
  const got = given instanceof Tensor ? loaded.data[at] : given[row][column];
  throw rangeError(`${name}[${row}][${column}]`, "a finite number, at most 3.4e38 in size", got);
}

/** The index of the first number that is NaN or infinite; -1 if there is none. */
export function notFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= LARGEST)) return i;
  return -1;
}

const ROWS = "a tensor [rows, columns], or an array of rows such as [[1, 2], [3, 4]]";
const TARGETS = `${ROWS}, or an Int32Array of class numbers`;

/** Rows as a tensor [rows, columns]: the one given, or a new one. */
export function loadRows(engine: Engine, name: string, rows: Rows, expected = ROWS): Tensor {
  if (rows instanceof Tensor) {
    engine.checkTensor(name, rows, 2);
    return rows;
  }
  if (!Array.isArray(rows)) throw typeError(name, expected, rows);
  if (rows.length === 0) throw rangeError(name, "at least one row", rows);
  if (typeof rows[0] === "number") throw typeError(name, expected, rows);
  rows.forEach((row: unknown, r) => {
    const length = (row as ArrayLike<number> | null | undefined)?.length;
    if (typeof length !== "number") throw typeError(`${name}[${r}]`, "an array of numbers", row);
    checkNumbers(`${name}[${r}]`, row as ArrayLike<unknown>);
  });
  const columns = rows[0]!.length;
  if (columns === 0) throw rangeError(`${name}[0]`, "at least one number", rows[0]);
  const flat = new Float32Array(rows.length * columns);
  rows.forEach((row, r) => {
    if (row.length !== columns) throw rangeError(`${name}[${r}]`, `${columns} numbers, as in row 0`, row);
    flat.set(row, r * columns);
  });
  return engine.tensor([rows.length, columns], flat);
}
