import { argumentError, isArgumentError } from "../check.js";
import type { SearchPlan } from "../sweep/plan.js";
import { type Dimension, type Range, valuesOf } from "../sweep/space.js";
import { checkSettings } from "../tabular/checkSettings.js";
import { checkOptimizer } from "../tabular/optimizer.js";

/** Values of a range that are checked: a million of them differ in nothing that matters here. */
const CHECKED = 1000;
/** A fraction of a range at which there is no round number. */
const BETWEEN = (Math.sqrt(5) - 1) / 2;

/** Refuses values of a setting that a training run does not take: before the first trial, and not as trials that fail. */
export function checkDimension(name: string, dimension: Dimension, search: SearchPlan): void {
  if (!("from" in dimension)) for (const value of dimension) checkValue(name, value, search);
  else checkRange(name, dimension, search);
}

function checkRange(name: string, range: Range, search: SearchPlan): void {
  const { from, to, whole } = range;
  for (const end of [from, to]) checkValue(name, end, search);
  if (whole) return;
  const between =
    search.kind === "grid"
      ? valuesOf(range).slice(0, CHECKED)
      : [Number((from + BETWEEN * (to - from)).toPrecision(6))];
  for (const value of between) {
    try {
      checkValue(name, value, search);
    } catch (error) {
      if (!isArgumentError(error) || Number.isInteger(value)) throw error;
      throw argumentError(`space.${name}`, `expected "whole": true in a range of whole numbers, got ${value} between`);
    }
  }
}

function checkValue(name: string, value: unknown, search: SearchPlan): void {
  checkSettings({ [name]: value });
  if (name === "optimizer") checkOptimizer(value as string);
  if (name === "epochs" && "max" in search && (value as number) < search.max)
    throw argumentError("space.epochs", `expected at least ${search.max}, search.max, got ${value}`);
}
