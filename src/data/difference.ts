import { printable } from "../check.js";
import { nameIn, type Schema } from "./schema.js";

/** What makes the columns of two tables differ. */
export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/**
 * The first difference between two schemas, other than their sources; undefined if they convert rows alike. The means and
 * deviations of the columns reveal almost any change of a number in a file.
 */
export function difference(before: Schema, after: Schema): Difference | undefined {
  const found = (what: string, one: unknown, other: unknown): Difference | undefined =>
    one === other ? undefined : { what, before: printable(`${one}`), after: printable(`${other}`) };
  const columns = ({ names, width }: Schema) => (names === null ? width : names.join());
  return (
    found("columns", columns(before), columns(after)) ??
    found("target column", before.target.column, after.target.column) ??
    found("task", before.target.task, after.target.task) ??
    found("classes", before.target.classes?.join(), after.target.classes?.join()) ??
    found("features", names(before), names(after)) ??
    before.features
      .map((feature, i) => fields(nameIn(before.names, feature.column), feature, after.features[i]))
      .find(Boolean) ??
    fields("the target", before.target, after.target)
  );
}

const names = ({ names, features }: Schema): string => features.map(({ column }) => names?.[column] ?? column).join();

/** The first field in which two columns differ. */
function fields(name: string, before: object, after: object): Difference | undefined {
  for (const key of Object.keys(before)) {
    const one = JSON.stringify(before[key as never]);
    const other = JSON.stringify(after[key as never]);
    if (one !== other) return { what: `${name} to have the ${key}`, before: one, after: other ?? "none" };
  }
  return undefined;
}
