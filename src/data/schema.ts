import { DATE_INPUTS, type DateFormat, type DatePart } from "./dateParts.js";
import { columnName } from "./table.js";

/**
 * How the columns of a table become the inputs and the target of a model. Plain JSON data, saved with the model. Every
 * column of the training table is in exactly one of `features`, `left` and `target`.
 */
export interface Schema {
  readonly version: 2;
  /** The name of the training table in messages. */
  readonly source: string;
  /** The names of all columns of the training table; null if it has no header. */
  readonly names: readonly string[] | null;
  /** The number of columns of the training table. */
  readonly width: number;
  /** The columns that become inputs, in the order of the table. */
  readonly features: readonly Feature[];
  /** The columns left out. */
  readonly left: readonly LeftOut[];
  readonly target: Target;
}

export type Feature = NumberFeature | CategoryFeature | DateFeature;

interface Column {
  /** The index of the column in the training table. */
  readonly column: number;
}

/** What stands in for missing cells. */
interface Filled<T> extends Column {
  /** The value in place of a missing one: the median or the most frequent of the training rows. Null refuses them. */
  readonly fill: T | null;
  /** Whether a further input is 1 where the cell is missing, else 0. */
  readonly indicator: boolean;
}

/** To mean 0 and deviation 1 over the training rows: (x − mean) / deviation. */
export interface Scale {
  readonly mean: number;
  /** The population standard deviation; 0 for a constant, which becomes 0 everywhere. */
  readonly deviation: number;
}

/** One input: the number, standardised. */
export interface NumberFeature extends Filled<number>, Scale {
  readonly kind: "number";
  /** The sign or the word that stands at the numbers: "%", "$", "kg" …; "" for none. */
  readonly unit: string;
  /** Whether cells that are no numbers count as missing, as asked; else they are refused. */
  readonly coerce: boolean;
}

/** One input for each value, 1 for the value of the row and 0 for the others. */
export interface CategoryFeature extends Filled<string> {
  readonly kind: "category";
  readonly values: readonly string[];
  /** Whether a last input stands for all other values: rare in training, or unseen. Without it they give zeros alone. */
  readonly other: boolean;
}

/** One to seven inputs for each part of the date. */
export interface DateFeature extends Filled<number> {
  readonly kind: "date";
  readonly format: DateFormat;
  readonly parts: readonly DateScale[];
}

/** A part of a date. The parts that go in circles are not scaled: their mean is 0 and their deviation 1. */
export interface DateScale extends Scale {
  readonly part: DatePart;
}

export interface LeftOut extends Column {
  readonly why: string;
}

export type Target = ClassTarget | ValueTarget;

export interface ClassTarget extends Column {
  readonly task: "classification";
  /** The classes as the table spells them, in the order of the class numbers. */
  readonly classes: readonly string[];
}

export interface ValueTarget extends Column, Scale {
  readonly task: "regression";
  readonly classes: null;
  /** The sign or the word that stands at the numbers: "%", "$", "kg" …; "" for none. */
  readonly unit: string;
}

/** The number of inputs that a feature becomes. */
export function inputsOfFeature(feature: Feature): number {
  const indicator = feature.indicator ? 1 : 0;
  if (feature.kind === "number") return 1 + indicator;
  if (feature.kind === "category") return feature.values.length + (feature.other ? 1 : 0) + indicator;
  return feature.parts.reduce((sum, { part }) => sum + DATE_INPUTS[part].length, indicator);
}

/** The number of inputs of a model: the width of `x`. */
export const inputsOf = ({ features }: Schema): number =>
  features.reduce((sum, feature) => sum + inputsOfFeature(feature), 0);

/** The name of the target column in messages. */
export const targetName = ({ names, target }: Schema): string => nameIn(names, target.column);

/** The name of a column of the training table in messages. */
export const nameIn = (names: Schema["names"], column: number): string =>
  columnName({ names: names ?? undefined }, column);

/** The target's deviation, which is the unit of a regression's values; 1 for a constant target and for classes. */
export const unitOf = ({ target }: Schema): number => (target.task === "regression" && target.deviation) || 1;

/** Converts the outputs of a model to the target's own units. */
export function ownUnits(schema: Schema, outputs: ArrayLike<number>): Float64Array {
  const unit = unitOf(schema);
  const mean = schema.target.task === "regression" ? schema.target.mean : 0;
  return Float64Array.from(outputs, (y) => y * unit + mean);
}
