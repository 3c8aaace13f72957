import type { DateFormat } from "../data/dateParts.js";
import type { Feature, Schema } from "../data/schema.js";

/** What a model asks of a row: enough to make a form of. */
export interface Field {
  /** The key of the field in a row: the name of its column, or its index. */
  name: string;
  kind: Feature["kind"];
  /** Of a category: the values that the model tells apart. */
  values?: readonly string[];
  /** Of dates: how they are written. */
  format?: DateFormat;
  /** Of dates: whether the time of day counts. */
  clock?: boolean;
  /** The sign at the numbers of the column: "%", "$" …; "" for none. */
  unit?: string;
  /** A usual value: the median, the mean or the most frequent of the training rows; dates in seconds since 1970. */
  usual: number | string;
  /** Whether a row may be without it. */
  optional: boolean;
}

/** The fields of a row, in the order of the columns. */
export const fieldsOf = ({ names, features }: Schema): Field[] =>
  features.map((feature) => {
    const { kind, column, fill } = feature;
    const common = { name: names?.[column] ?? `${column}`, kind, optional: fill !== null };
    if (kind === "category") {
      const { values } = feature;
      return { ...common, values, usual: fill ?? values[0] ?? "" };
    }
    if (kind === "number") return { ...common, unit: feature.unit, usual: fill ?? Number(feature.mean.toPrecision(3)) };
    return {
      ...common,
      format: feature.format,
      clock: feature.parts.some(({ part }) => part === "hour"),
      usual: fill ?? 0,
    };
  });
