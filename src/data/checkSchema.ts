import { checkBoolean, checkOneOf, rangeError, typeError } from "../check.js";
import { LARGEST } from "../math/f32.js";
import { DATE_FORMATS, DATE_PARTS, isScaled } from "./dateParts.js";
import type { Feature, Scale, Schema, Target } from "./schema.js";
import { TASKS } from "./target.js";

/**
 * Checks a schema of foreign origin, such as a model file: every field, every length, and that each column of the training
 * table is used once. The work is in proportion to the data; a number alone allocates nothing.
 *
 * @param name how messages name the value
 * @throws RangeError or TypeError naming the field
 * @example
 * const schema = checkSchema(JSON.parse(text));
 */
export function checkSchema(value: unknown, name = "schema"): Schema {
  const { version, source, names, width, features, left, target } = record(name, value);
  if (version !== 2)
    throw rangeError(`${name}.version`, "2, the one that this release of thalweg reads and writes", version);
  string(`${name}.source`, source);
  whole(`${name}.width`, width, Number.MAX_SAFE_INTEGER);
  if (names !== null) strings(`${name}.names`, names);
  if (names !== null && names.length !== width) throw rangeError(`${name}.names`, `${width} names`, names);
  array(`${name}.features`, features);
  array(`${name}.left`, left);
  // Each column is used once, which bounds the width by the size of the data.
  if (features.length === 0) throw rangeError(`${name}.features`, "at least one column", features);
  if (features.length + left.length + 1 !== width)
    throw rangeError(`${name}.width`, `${features.length + left.length + 1}, the columns listed`, width);
  const used = new Set<number>();
  const column = (at: string, index: unknown) => {
    whole(at, index, width - 1);
    if (used.has(index)) throw rangeError(at, "a column that is used once", index);
    used.add(index);
  };
  features.forEach((feature: unknown, i) => {
    checkFeature(`${name}.features[${i}]`, feature, column);
    if (i > 0 && features[i].column < features[i - 1].column)
      throw rangeError(`${name}.features[${i}].column`, "features in the order of their columns", features[i].column);
  });
  left.forEach((one: unknown, i) => {
    const at = `${name}.left[${i}]`;
    const { column: index, why } = record(at, one);
    column(`${at}.column`, index);
    string(`${at}.why`, why);
  });
  checkTarget(`${name}.target`, target, column);
  return value as Schema;
}

type ColumnCheck = (name: string, index: unknown) => void;

function checkFeature(name: string, value: unknown, column: ColumnCheck): asserts value is Feature {
  const feature = record(name, value);
  const { kind, fill, indicator } = feature;
  checkOneOf(`${name}.kind`, kind, ["number", "category", "date"]);
  column(`${name}.column`, feature.column);
  checkBoolean(`${name}.indicator`, indicator);
  if (kind === "category") return checkCategory(name, feature);
  if (fill !== null) finite(`${name}.fill`, fill);
  if (kind === "number") {
    unit(`${name}.unit`, feature.unit);
    checkBoolean(`${name}.coerce`, feature.coerce);
    return checkScale(name, feature);
  }
  // Of the calendar: the first and the last day of four-digit years.
  if (fill !== null && !(Math.abs(fill as number) < 1e12)) throw rangeError(`${name}.fill`, "seconds since 1970", fill);
  checkOneOf(`${name}.format`, feature.format, DATE_FORMATS);
  const { parts } = feature;
  array(`${name}.parts`, parts);
  if (parts.length === 0) throw rangeError(`${name}.parts`, "at least one part", parts);
  const seen = new Set<unknown>();
  parts.forEach((one: unknown, i) => {
    const at = `${name}.parts[${i}]`;
    const { part, ...scale } = record(at, one);
    checkOneOf(`${at}.part`, part, DATE_PARTS);
    if (seen.has(part)) throw rangeError(`${at}.part`, "a part that is listed once", part);
    seen.add(part);
    checkScale(at, scale);
    if (!isScaled(part as (typeof DATE_PARTS)[number]) && !(scale.mean === 0 && scale.deviation === 1))
      throw rangeError(at, "mean 0 and deviation 1", scale.mean);
  });
}

function checkCategory(name: string, { values, other, fill }: Fields): void {
  distinct(`${name}.values`, values);
  checkBoolean(`${name}.other`, other);
  if (values.length === 0 && !other) throw rangeError(`${name}.values`, "at least one value", values);
  if (fill !== null && !values.includes(fill as string))
    throw rangeError(`${name}.fill`, "one of the values, or null", fill);
}

function checkTarget(name: string, value: unknown, column: ColumnCheck): asserts value is Target {
  const target = record(name, value);
  column(`${name}.column`, target.column);
  checkOneOf(`${name}.task`, target.task, TASKS);
  if (target.task === "classification") {
    distinct(`${name}.classes`, target.classes);
    if (target.classes.length < 2) throw rangeError(`${name}.classes`, "at least two classes", target.classes);
    return;
  }
  if (target.classes !== null) throw rangeError(`${name}.classes`, "null, for a regression", target.classes);
  unit(`${name}.unit`, target.unit);
  checkScale(name, target);
}

type Fields = Readonly<Record<string, unknown>>;

function record(name: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw typeError(name, "an object", value);
  return value as Fields;
}

// biome-ignore lint/suspicious/noExplicitAny: items are checked one by one
function array(name: string, value: unknown): asserts value is any[] {
  if (!Array.isArray(value)) throw typeError(name, "an array", value);
  if (value.includes(undefined)) throw typeError(name, "an array without gaps", value); // which forEach would pass over
}

function string(name: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw typeError(name, "a string", value);
}

function strings(name: string, value: unknown): asserts value is string[] {
  array(name, value);
  value.forEach((item, i) => {
    string(`${name}[${i}]`, item);
  });
}

function distinct(name: string, value: unknown): asserts value is string[] {
  strings(name, value);
  if (new Set(value).size !== value.length) throw rangeError(name, "names that differ from each other", value);
}

/** A sign or a word at numbers, of a few characters. */
function unit(name: string, value: unknown): void {
  string(name, value);
  if (value.length > 12) throw rangeError(name, "a sign such as % or $, or a unit such as kg", value);
}

function whole(name: string, value: unknown, most: number): asserts value is number {
  if (typeof value !== "number") throw typeError(name, "a whole number", value);
  if (!Number.isSafeInteger(value) || value < 0 || value > most)
    throw rangeError(name, `a whole number from 0 to ${most}`, value);
}

function finite(name: string, value: unknown): asserts value is number {
  if (typeof value !== "number") throw typeError(name, "a finite number", value);
  // As those of a table are: with more, finite outputs would become infinite values.
  if (!(Math.abs(value) <= LARGEST)) throw rangeError(name, "a finite number up to 3.4e38", value);
}

function checkScale(name: string, { mean, deviation }: Partial<Scale> | Fields): void {
  finite(`${name}.mean`, mean);
  finite(`${name}.deviation`, deviation);
  if (deviation < 0) throw rangeError(`${name}.deviation`, "a number ≥ 0", deviation);
}
