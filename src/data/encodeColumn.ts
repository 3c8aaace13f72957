import { LARGEST } from "../math/f32.js";
import { Lookup } from "./category.js";
import { partOf } from "./dateParts.js";
import { dateIn } from "./dates.js";
import { isMissing, isMissingNumber } from "./missing.js";
import { numberWith, rounded } from "./numbers.js";
import { type CategoryFeature, type DateFeature, type Feature, inputsOfFeature, type NumberFeature } from "./schema.js";
import { scaled } from "./standardise.js";
import { cellError, columnName, quoted, type Table } from "./table.js";

/** √ of the largest f32. Farther inputs would make infinite squares, and NaN, within a network or its loss. */
export const FARTHEST = 1.8e19;
export const FAR = "a number within 1.8e19 deviations of the mean in training";

/** Converts the cells of one column. */
export interface Encoder {
  /** Writes the inputs of one row to x, from `at` on. */
  encode(row: number, x: Float32Array, at: number): void;
  /** What stands in for missing and unseen cells, after all rows. */
  notes(): string[];
}

/** The encoder of a feature that is in this column of a table. */
export function encoderOf(feature: Feature, table: Table, column: number): Encoder {
  const { fill, indicator } = feature;
  const last = inputsOfFeature(feature) - 1;
  const place = feature.kind === "category" ? categories(feature, table, column) : numeric(feature, table, column);
  let missing = 0;
  return {
    encode(row, x, at) {
      const cell = table.rows[row][column];
      const absent = place.isMissing(cell);
      if (absent) {
        if (fill === null && !(feature.kind === "category" && feature.values.length === 0))
          throw cellError(table, row, column, "a value: rows with missing ones were left out in training");
        missing++;
        if (indicator) x[at + last] = 1;
      }
      place.put(absent ? undefined : cell, row, x, at);
    },
    notes() {
      const name = `${table.file}, ${columnName(table, column)}`;
      const filled = `${missing} missing ${missing === 1 ? "cell" : "cells"} filled in with ${place.filling}`;
      return [...(missing > 0 ? [`${name}: ${filled}`] : []), ...place.notes().map((note) => `${name}: ${note}`)];
    },
  };
}

/** One kind of feature; `put` gets undefined for a missing cell. */
interface Place {
  isMissing(cell: string): boolean;
  put(cell: string | undefined, row: number, x: Float32Array, at: number): void;
  /** What stands in for a missing cell, in words. */
  filling: string;
  notes(): string[];
}

function numeric(feature: NumberFeature | DateFeature, table: Table, column: number): Place {
  const read = readerOf(feature, table);
  const coerce = feature.kind === "number" && feature.coerce;
  // Dates recur, and their parts cost more than a look-up.
  const parts = new Map<number, number[]>();
  const partsOf = (value: number): number[] => {
    if (feature.kind === "number") return [scaled(value, feature)];
    let found = parts.get(value);
    if (found === undefined) {
      found = feature.parts.flatMap((scale) => partOf(value, scale.part).map((number) => scaled(number, scale)));
      parts.set(value, found);
    }
    return found;
  };
  const expected =
    feature.kind === "number"
      ? "a number"
      : feature.format === "time of day"
        ? "a time of day, such as 14:30"
        : `a date, as in training (${feature.format})`;
  return {
    isMissing: (cell) => isMissingNumber(cell) || (coerce && Number.isNaN(read(cell))),
    put(cell, row, x, at) {
      const value = cell === undefined ? feature.fill! : read(cell);
      if (!(Math.abs(value) <= LARGEST))
        throw cellError(
          table,
          row,
          column,
          NOT_FINITE.test(cell!) ? "a finite number" : Number.isNaN(value) ? expected : "a number up to 3.4e38",
        );
      let i = at;
      for (const number of partsOf(value)) {
        if (!(Math.abs(number) <= FARTHEST)) throw cellError(table, row, column, FAR);
        x[i++] = number;
      }
    },
    filling: feature.kind === "number" && feature.fill !== null ? `the median, ${rounded(feature.fill)}` : "the median",
    notes: () => [],
  };
}

const NOT_FINITE = /^[+-]?inf(inity)?$/i;

/** Reads a number, or a date as seconds; NaN for other text. */
function readerOf(feature: NumberFeature | DateFeature, { decimal }: Table): (cell: string) => number {
  if (feature.kind === "number") return (cell) => numberWith(cell, feature.unit, decimal);
  return (cell) => dateIn(cell, feature.format);
}

function categories({ values, other, fill }: CategoryFeature, { decimal }: Table, _: number): Place {
  const lookup = new Lookup(values);
  const filling = fill === null ? -1 : values.indexOf(fill);
  let unseen = 0;
  let example = "";
  return {
    isMissing,
    put(cell, _row, x, at) {
      const found = cell === undefined ? filling : lookup.find(cell, decimal);
      if (found < 0 && cell !== undefined) {
        if (unseen++ === 0) example = cell;
      }
      // Without an input for other values they are none of those known: zeros.
      if (found >= 0) x[at + found] = 1;
      else if (other) x[at + values.length] = 1;
    },
    filling: fill === null ? "no value" : `the most frequent value, ${quoted(fill)}`,
    notes() {
      if (unseen === 0) return [];
      const cells = `${unseen} ${unseen === 1 ? "cell" : "cells"} with a rare or unseen value, such as ${quoted(example)}`;
      return [`${cells}: ${other ? "taken as any rare value" : "taken as none of the values known"}`];
    },
  };
}
