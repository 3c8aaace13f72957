import { inOrder } from "./category.js";
import { leastCount, PLACES, PLACES_ASKED } from "./columns.js";
import { type DatePart, isScaled, partOf } from "./dateParts.js";
import { dateIn } from "./dates.js";
import { isMissing, isMissingNumber } from "./missing.js";
import { numberWith, plainNumber } from "./numbers.js";
import { type Plan, partsIn, planOf, type SchemaOptions } from "./plan.js";
import type { CategoryFeature, DateFeature, Feature, NumberFeature, Schema, Target } from "./schema.js";
import { scaleOf } from "./standardise.js";
import { columnName, type Table } from "./table.js";
import { type Goal, goalOf, valuesOf } from "./target.js";

/**
 * Decides from all rows what each column becomes: the target with its classes, numbers, categories, dates, or nothing.
 * Computes everything else from the training rows only: medians, scaling, and which values are frequent.
 *
 * @param training the rows to train on, of the same columns
 * @throws RangeError naming file, row and column, for columns that cannot be read
 */
export function learnSchema(table: Table, options: SchemaOptions, training = table): Schema {
  const plan = planOf(table, options);
  return learn(plan, goalOf(table, plan.target, options.task), training, options);
}

/** The schema of a plan, from the training rows. */
export function learn(plan: Plan, goal: Goal, training: Table, options: SchemaOptions): Schema {
  if (training.rows.length === 0) throw new RangeError(`${training.file}: expected rows to train on, got none`);
  const target: Target =
    goal.task === "classification"
      ? { column: plan.target, ...goal }
      : {
          column: plan.target,
          task: goal.task,
          classes: null,
          unit: goal.unit,
          ...scaleOf(valuesOf(training, plan.target, goal.unit)),
        };
  return {
    version: 2,
    source: training.file,
    names: training.names ?? null,
    width: training.width,
    features: plan.features.map((feature) => learnFeature(feature, training, options)),
    left: plan.left,
    target,
  };
}

function learnFeature({ column, kind }: Plan["features"][number], training: Table, options: SchemaOptions): Feature {
  const { missing = "impute", indicator = false, categorical } = options;
  const cells = training.rows.map((row) => row[column]);
  const impute = missing === "impute";
  if (kind.as === "category")
    return categoryFeature(column, cells, training, {
      impute,
      indicator,
      asked: kind.why === "--categorical" && categorical !== undefined,
    });
  const read =
    kind.as === "number"
      ? (cell: string) => numberWith(cell, kind.unit, training.decimal)
      : (cell: string) => dateIn(cell, kind.format);
  const values = new Float64Array(cells.length);
  let known = 0;
  for (const cell of cells) {
    const value = read(cell);
    if (!Number.isNaN(value)) values[known++] = value;
  }
  return numericFeature({ column, kind }, values.subarray(0, known), training, options);
}

type Planned = Plan["features"][number];
interface NumericColumn {
  column: number;
  kind: Exclude<Planned["kind"], { as: "category" }>;
}

function numericFeature(
  { column, kind }: NumericColumn,
  values: Float64Array,
  training: Table,
  { missing = "impute", indicator = false, dates }: SchemaOptions,
): NumberFeature | DateFeature {
  const rows = training.rows.length;
  if (values.length === 0) {
    throw new RangeError(
      `${training.file}, ${columnName(training, column)}: expected a value among the rows to train on, got missing cells alone; leave the column out with --ignore`,
    );
  }
  const shared = {
    column,
    fill: missing === "impute" ? medianOf(values) : null,
    indicator: indicator && values.length < rows,
  };
  if (kind.as === "number")
    return {
      kind: "number",
      ...shared,
      unit: kind.unit,
      coerce: kind.coerce,
      ...scaleOf(filled(values, rows, shared.fill)),
    } satisfies NumberFeature;
  const all = filled(values, rows, shared.fill);
  const parts = (kind.format === "time of day" ? HOUR : (partsIn(dates) ?? defaultParts(values))).map((part) => ({
    part,
    ...(isScaled(part) ? scaleOf(all.map((seconds) => partOf(seconds, part)[0])) : { mean: 0, deviation: 1 }),
  }));
  return { kind: "date", ...shared, format: kind.format, parts } satisfies DateFeature;
}

/** The values with the one for missing cells as often as it is used: the scaling is that of the inputs. */
function filled(values: Float64Array, rows: number, fill: number | null): Float64Array {
  if (fill === null || values.length === rows) return values;
  const all = new Float64Array(rows).fill(fill);
  all.set(values);
  return all;
}

/** The median: of an even number of values, the mean of the two in the middle. */
function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return (sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2) + 0;
}

/** The part of a time of day: it has no other, whatever is asked of dates. */
const HOUR: readonly DatePart[] = ["hour"];

/** The parts in which dates differ. Weekdays only of dates that are days: not first days of months. */
function defaultParts(seconds: Float64Array): DatePart[] {
  const moments = [...new Set(seconds)];
  const different = (part: DatePart): number => new Set(moments.map((moment) => partOf(moment, part).join())).size;
  const parts: DatePart[] = [];
  if (different("year") > 1) parts.push("year");
  if (
    different("dayOfYear") > 1 &&
    (different("month") > 1 || different("day") > 1) &&
    different("day") + different("month") > 2
  )
    parts.push("dayOfYear");
  if (different("day") > 12) parts.push("weekday");
  if (different("hour") > 1) parts.push("hour");
  return parts.length === 0 ? ["year"] : parts;
}

interface CategoryOptions {
  impute: boolean;
  indicator: boolean;
  /** Whether the column was asked for, and has as many values as it needs. */
  asked: boolean;
}

function categoryFeature(
  column: number,
  cells: readonly string[],
  { decimal }: Table,
  { impute, indicator, asked }: CategoryOptions,
): CategoryFeature {
  const counts = new Map<string, number>();
  let present = 0;
  for (const cell of cells) {
    if (isMissing(cell)) continue;
    present++;
    const key = categoryOf(cell, decimal);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // Of a column that was asked for, the number of values alone is bounded.
  const least = asked ? 2 : leastCount(present);
  // By frequency, then in order, so that which of equally frequent values have places does not depend on the rows' order.
  const ranked = inOrder(counts.keys()).sort((a, b) => counts.get(b)! - counts.get(a)!);
  const kept = ranked.slice(0, asked ? PLACES_ASKED : PLACES).filter((value) => counts.get(value)! >= least);
  const other = kept.length < counts.size || kept.length === 0;
  const fill = impute && kept.length > 0 ? kept[0] : null;
  return {
    kind: "category",
    column,
    values: inOrder(kept),
    other,
    fill,
    indicator: indicator && present < cells.length,
  };
}

/** What counts as one value: 1 and 1.0 do. */
export function categoryOf(cell: string, decimal: Table["decimal"]): string {
  const number = plainNumber(cell, decimal);
  return Number.isNaN(number) ? cell : `${number}`;
}

/** Whether a cell of a feature is missing. */
export function isMissingFor(
  feature: Feature | Plan["features"][number]["kind"],
  cell: string,
  decimal: Table["decimal"],
): boolean {
  const kind = "kind" in feature ? feature.kind : feature.as;
  if (kind === "category") return isMissing(cell);
  if (isMissingNumber(cell)) return true;
  return "coerce" in feature && feature.coerce && Number.isNaN(numberWith(cell, feature.unit, decimal));
}
