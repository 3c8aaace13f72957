import { random } from "../math/random.js";
import { checkPreparation } from "./checkOptions.js";
import { checkTable } from "./checkTable.js";
import { type Examples, examplesOf, whereTarget } from "./encode.js";
import { isMissingFor, learn } from "./learnSchema.js";
import { type Plan, planOf, type SchemaOptions } from "./plan.js";
import { holdOut } from "./rowNumbers.js";
import { inputsOf, type Schema, targetName, unitOf } from "./schema.js";
import { type Fold, foldOf, pick, stratified } from "./split.js";
import { type ColumnNote, summaryOf } from "./summary.js";
import { columnName, columnOf, count, quoted, type Table } from "./table.js";
import { alike, type Goal, goalOf, labelsOf, missingTarget, type Task } from "./target.js";

/** One or two tables, converted to examples. */
export interface Prepared {
  readonly schema: Schema;
  readonly task: Task;
  /** The target column by name, or by index. */
  readonly target: string;
  /** The width of `x`: one for a column of numbers, several for one of categories or dates. */
  readonly inputs: number;
  /** For classification: the names, in the order of the class numbers. */
  readonly classes: readonly string[] | undefined;
  /** For regression: the standard deviation of the target, which is the unit of `y`. */
  readonly unit: number;
  readonly train: Examples;
  readonly validation: Examples | undefined;
  readonly test: Examples | undefined;
  /** What was made of each column, and why. */
  readonly summary: readonly ColumnNote[];
  /** What a person should know before training, one line each. */
  readonly warnings: readonly string[];
}

export interface PrepareOptions extends SchemaOptions {
  /** Further rows, converted with the classes and the scaling of the first table. */
  test?: Table | undefined;
  /** The fraction of the rows to hold out for validation, drawn at random with the seed; of each class the same. */
  validation?: number | undefined;
  /** The part of a cross-validation to hold out, in place of a fraction; of each class the same share. */
  fold?: Fold | undefined;
  seed?: number;
}

/**
 * Makes examples of a table: decides what each column becomes and which task the target sets, and fills in, encodes and
 * standardises with what the training rows alone say. Rows without a target are left out, with a warning.
 *
 * @throws RangeError naming file, row and column, for columns that cannot be read; all of them at once
 * @example
 * const { train, schema, summary } = prepare(parseTable(text, "houses.csv"), { target: "price", validation: 0.2 });
 */
export function prepare(table: Table, options: PrepareOptions): Prepared {
  checkTable(table);
  checkPreparation(options);
  const { validation, fold, seed = 0 } = options;
  const warnings: string[] = [];
  const labelled = withTarget(table, columnOf(table, options.target), warnings);
  const plan = planOf(labelled, options);
  const usable = options.missing === "drop" ? withoutMissing(labelled, plan, warnings) : labelled;
  const goal = goalOf(usable, plan.target, options.task);
  const { training, held } = split(usable, plan.target, goal, fold ?? validation, seed);
  const schema = learn(plan, goal, training, options);
  let test = options.test;
  if (test) {
    // A table without the target is refused when it is converted.
    test = withTarget(test, whereTarget(schema, test), warnings);
    if (options.missing === "drop") test = withoutMissing(test, plan, warnings);
  }
  const prepared = {
    schema,
    task: schema.target.task,
    target: targetName(schema),
    inputs: inputsOf(schema),
    classes: schema.target.classes ?? undefined,
    unit: unitOf(schema),
    train: examplesOf(schema, training),
    validation: held && examplesOf(schema, held),
    test: test && examplesOf(schema, test),
    summary: summaryOf(schema, plan, training, options.task),
  };
  if (goal.task === "classification")
    for (const warning of classWarnings(prepared, goal.classes)) warnings.push(warning);
  for (const note of prepared.test?.notes ?? []) warnings.push(note);
  return { ...prepared, warnings };
}

/** The rows that have a target. */
function withTarget(table: Table, column: number | undefined, warnings: string[]): Table {
  if (column === undefined) return table;
  const missing = missingTarget(table, column);
  const known = Array.from(table.rows.keys()).filter((r) => !missing(table.rows[r][column]));
  const without = table.rows.length - known.length;
  if (without === 0) return table;
  const where = `${table.file}, ${columnName(table, column)}`;
  if (known.length === 0) throw new RangeError(`${where}: expected a target, got missing cells alone`);
  warnings.push(`${where}: ${rowsAre(without)} left out, without a target`);
  return pick(table, known);
}

/** The rows whose features all have a value. */
function withoutMissing(table: Table, { features }: Plan, warnings: string[]): Table {
  const whole = Array.from(table.rows.keys()).filter((r) =>
    features.every(({ column, kind }) => !isMissingFor(kind, table.rows[r][column], table.decimal)),
  );
  const dropped = table.rows.length - whole.length;
  if (dropped === 0) return table;
  if (whole.length === 0)
    throw new RangeError(
      `${table.file}: expected rows without missing cells, got none; --missing impute fills them in`,
    );
  warnings.push(`${table.file}: ${rowsAre(dropped)} left out, with missing cells (--missing drop)`);
  return pick(table, whole);
}

const rowsAre = (rows: number): string => `${rows.toLocaleString("en-US")} ${rows === 1 ? "row is" : "rows are"}`;

/** The rows to train on and those held out for validation, each as a table. */
function split(
  table: Table,
  column: number,
  goal: Goal,
  part: number | Fold | undefined,
  seed: number,
): { training: Table; held: Table | undefined } {
  if (part === undefined) return { training: table, held: undefined };
  const { length } = table.rows;
  if (length < 2)
    throw new RangeError(`${table.file}: expected at least two rows, one of them for validation, got one`);
  const draw = random(seed);
  const classes = goal.task === "classification" ? goal.classes : undefined;
  const labels = classes && labelsOf(table, column, classes);
  const { kept, heldOut } =
    typeof part === "object"
      ? foldOf(length, part, draw, labels)
      : labels
        ? stratified(labels, classes!.length, part, draw)
        : holdOut(length, part, draw);
  return { training: pick(table, kept), held: pick(table, heldOut) };
}

/** The share of a class above which it outweighs the others. */
const MOST = 0.9;

function classWarnings(
  { target, train, validation, test }: Pick<Prepared, "target" | "train" | "validation" | "test">,
  classes: readonly string[],
): string[] {
  const warnings: string[] = [];
  const counts = countsOf(train, classes.length);
  const largest = mostFrequent(counts);
  if (counts[largest] > MOST * train.rows) {
    const percent = Math.floor((counts[largest] / train.rows) * 1000) / 10;
    warnings.push(
      `${target}: ${percent} % of the rows are ${quoted(classes[largest])}, so accuracy says little; look at the other classes (--class-weights balanced gives them weight)`,
    );
  }
  for (const [name, part] of [
    ["training", train],
    ["validation", validation],
    ["test", test],
  ] as const) {
    if (part === undefined) continue;
    const present = countsOf(part, classes.length);
    const absent = classes.filter((_, c) => present[c] === 0);
    if (absent.length > 0)
      warnings.push(`${target}: no row of ${some(absent)} among the ${count(part.rows, "row")} for ${name}`);
  }
  for (const pair of alike(classes))
    warnings.push(`${target}: ${pair} are two classes; spell them alike if they are one`);
  return warnings;
}

function countsOf({ y }: Examples, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of y) counts[label]++;
  return counts;
}

/** The class of the largest count. */
const mostFrequent = (counts: readonly number[]): number =>
  counts.reduce((best, count, c) => (count > counts[best] ? c : best), 0);

function some(classes: readonly string[]): string {
  const shown = classes
    .slice(0, 5)
    .map((name) => quoted(name))
    .join(", ");
  return classes.length > 5 ? `${shown} and ${classes.length - 5} more classes` : shown;
}
