import { checkBoolean, checkKeys, checkNumber, checkOneOf, checkWhole, typeError } from "../check.js";
import { checkTable, checkTexts } from "./checkTable.js";
import { DATE_PARTS } from "./dateParts.js";
import { DATE_ORDERS, type SchemaOptions } from "./plan.js";
import { TASKS } from "./target.js";

export type Check = (name: string, value: unknown) => void;

export const text: Check = (name, value) => {
  if (typeof value !== "string") throw typeError(name, "text", value);
};
const columns: Check = (name, value) => {
  if (!Array.isArray(value)) throw typeError(name, "an array of columns", value);
  checkTexts(name, value);
};
export const oneOf =
  (choices: readonly string[]): Check =>
  (name, value) =>
    checkOneOf(name, value, choices);
/** Between 0 and 1, both excluded. */
const share: Check = (name, value) => checkNumber(name, value, "a fraction between 0 and 1", (x) => x > 0 && x < 1);

const fold: Check = (name, value) => {
  checkKeys(name, value, ["index", "of"]);
  const { index, of } = value as { index: unknown; of: unknown };
  checkWhole(`${name}.of`, of, 2);
  checkNumber(
    `${name}.index`,
    index,
    `a whole number below ${of}`,
    (x) => Number.isInteger(x) && x >= 0 && x < (of as number),
  );
};

/** The options of `prepare` that are settings of a run too. */
export const PREPARATION = {
  target: text,
  task: oneOf(TASKS),
  ignore: columns,
  features: columns,
  numeric: columns,
  categorical: columns,
  dates: (name, value) => {
    columns(name, value);
    for (const [i, part] of (value as string[]).entries())
      checkOneOf(`${name}[${i}]`, part, [...DATE_PARTS, ...DATE_ORDERS]);
  },
  missing: oneOf(["impute", "drop"]),
  indicator: checkBoolean,
  validation: share,
  seed: (name, value) => checkNumber(name, value, "a whole number", Number.isSafeInteger),
} as const satisfies Record<keyof SchemaOptions | "validation" | "seed", Check>;

/**
 * Checks the options of `prepare`.
 * @throws TypeError or RangeError naming the option
 */
export function checkPreparation(options: unknown): asserts options is SchemaOptions {
  checkAll("options", options, { ...PREPARATION, fold, test: (name, value) => checkTable(value, name) });
  text("target", (options as { target?: unknown }).target);
}

/** Checks each option that is given: one that is undefined is not. */
export function checkAll(name: string, options: unknown, checks: Readonly<Record<string, Check>>): void {
  checkKeys(name, options, Object.keys(checks));
  for (const [key, value] of Object.entries(options)) if (value !== undefined) checks[key](key, value);
}
