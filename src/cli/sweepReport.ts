import { valueIn } from "../sweep/plan.js";
import type { SweepResults, SweepRow } from "../sweep/sweep.js";
import { columned } from "./columns.js";
import { labelled, type Row } from "./labelledRows.js";
import { columns, textColumns } from "./terminal.js";
import { plural } from "./trainReport.js";

interface About {
  /** Rows to show. */
  top: number;
  seconds: number;
  workers: number;
}

/** The best trials, each where it got furthest, and what the sweep has done. */
export function sweepReport({ plan, rows, best, complete }: SweepResults, { top, seconds, workers }: About): string[] {
  const varied = Object.keys(plan.space);
  const ranked = ranking(plan, rows);
  const measures = [...new Set(rows.flatMap((row) => Object.keys(row.measures ?? {})))];
  const halving = "max" in plan.search;
  const cells = ranked
    .slice(0, top)
    .map((row) => [
      `${row.trial}`,
      ...varied.map((name) => text(row.settings[name])),
      ...(halving ? [`${row.until}`] : []),
      ...measures.map((name) => text(row.measures?.[name])),
    ]);
  const head = ["trial", ...varied, ...(halving ? ["until"] : []), ...measures];
  const failed = rows.filter((row) => row.failed !== undefined);
  const told: Row[] = [
    [
      "Done",
      `${plural(rows.length, "result")}${complete ? "" : ", not all"}, in ${seconds.toFixed(1)} s on ${workers} ${workers === 1 ? "worker" : "workers"}`,
    ],
    ...(failed.length > 0 ? [["Failed", `${failed.length}; the first: ${failed[0].failed}`] satisfies Row] : []),
    ...(best === undefined
      ? []
      : [["Best", varied.map((name) => `${name} ${text(best.settings[name])}`).join(", ")] satisfies Row]),
  ];
  const table = cells.length > 0 ? columned(head, cells, { right: head.map((_, i) => i), within: columns() }) : [];
  return [...table, ...(table.length > 0 ? [""] : []), ...labelled(told, textColumns())];
}

/** Each trial where it got furthest, from best to worst; those that failed are left out. */
function ranking(plan: SweepResults["plan"], rows: readonly SweepRow[]): SweepRow[] {
  const measured = valueIn(plan);
  const furthest = new Map<string, SweepRow>();
  for (const row of rows) {
    if (row.measures === undefined) continue;
    const before = furthest.get(row.id);
    if (before === undefined || (row.until ?? 0) > (before.until ?? 0)) furthest.set(row.id, row);
  }
  const value = ({ measures }: SweepRow): number => measured({ measures: measures! }) ?? Number.POSITIVE_INFINITY;
  return [...furthest.values()].sort(
    (a, b) => (b.until ?? 0) - (a.until ?? 0) || value(a) - value(b) || a.trial - b.trial,
  );
}

function text(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(5)));
  return typeof value === "string" ? value : JSON.stringify(value);
}
