import type { Schema } from "../data/schema.js";
import { targetColumn } from "./schemaFacts.js";

/** What a model asks of a row: enough to make a form of. */
export interface Field {
  /** The key of the field in a row: the name of its column, or its index. */
  name: string;
  kind: "number" | "category" | "date";
  /** Of a category: the values that the model knows. */
  values?: readonly string[];
  /** A usual value, as text: the median or the most frequent of the training rows. */
  usual: string;
}

/** The fields of a row, in the order of the columns. */
export function fieldsOf(schema: Schema): Field[] {
  const columns = Array.from({ length: schema.width }, (_, j) => j).filter((j) => j !== targetColumn(schema));
  return columns.map((column, i) => ({
    name: schema.names?.[column] ?? `${column}`,
    kind: "number",
    usual: String(Number(schema.scaling.means[i].toPrecision(3))),
  }));
}
