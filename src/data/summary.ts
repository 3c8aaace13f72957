import { isMissingFor } from "./learnSchema.js";
import { rounded, unitName } from "./numbers.js";
import type { Plan } from "./plan.js";
import { type Feature, nameIn, type Schema } from "./schema.js";
import { quoted, type Table } from "./table.js";
import { type Task, whyClasses } from "./target.js";

/** What was made of a column. */
export interface ColumnNote {
  readonly column: number;
  /** As messages name it. */
  readonly name: string;
  readonly as: "number" | "categories" | "date" | "left out" | "target";
  /** Why, with what fills in for missing cells. */
  readonly why: string;
}

/** What was made of each column, in the order of the table. */
export function summaryOf(schema: Schema, plan: Plan, training: Table, asked?: Task): ColumnNote[] {
  const notes: ColumnNote[] = schema.features.map((feature, i) => ({
    column: feature.column,
    name: nameIn(schema.names, feature.column),
    as: feature.kind === "category" ? "categories" : feature.kind,
    why: [plan.features[i].kind.why, shapeOf(feature), missingIn(feature, training)].filter(Boolean).join("; "),
  }));
  for (const { column, why } of schema.left)
    notes.push({ column, name: nameIn(schema.names, column), as: "left out", why });
  const { target } = schema;
  const unit = target.task === "regression" && target.unit !== "" ? `, with ${unitName(target.unit)}` : "";
  const because = whyClasses(target.classes, asked);
  const classes = target.classes && `${target.classes.length} classes${because === "" ? "" : `: ${because}`}`;
  const why = classes ?? `numbers${unit}`;
  notes.push({ column: target.column, name: nameIn(schema.names, target.column), as: "target", why });
  return notes.sort((a, b) => a.column - b.column);
}

function shapeOf(feature: Feature): string {
  if (feature.kind === "number") return feature.deviation === 0 ? "constant" : "";
  if (feature.kind === "date") return feature.parts.map(({ part }) => part).join(", ");
  const { values, other } = feature;
  const shown = values
    .slice(0, 4)
    .map((value) => quoted(value, 20))
    .join(", ");
  const more = values.length > 4 ? ` … (${values.length} values)` : "";
  return `${shown}${more}${other ? `${values.length > 0 ? ", and " : ""}“other” for rare ones` : ""}`;
}

/** The share of missing cells above which what stands in for them outweighs what the column says. */
const MUCH = 0.25;

function missingIn(feature: Feature, { rows, decimal }: Table): string {
  const missing = rows.filter((row) => isMissingFor(feature, row[feature.column], decimal)).length;
  if (missing === 0) return "";
  const much = missing > MUCH * rows.length;
  const share = much ? ` (${Number(((missing / rows.length) * 100).toPrecision(3))} % of the rows)` : "";
  const cells = `${missing.toLocaleString("en-US")} missing ${missing === 1 ? "cell" : "cells"}${share}`;
  const { fill, indicator, kind } = feature;
  const as =
    fill === null
      ? "“other”"
      : kind === "category"
        ? quoted(`${fill}`, 20)
        : kind === "date"
          ? "the median"
          : `the median, ${rounded(fill as number)}`;
  if (indicator) return `${cells} filled in with ${as}, and marked by an input`;
  return `${cells} filled in with ${as}${much ? "; --indicator marks them by an input of their own" : ""}`;
}
