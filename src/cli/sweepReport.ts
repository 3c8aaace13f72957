import { variedIn } from "../sweep/plan.js";
import type { Summary } from "../sweep/summary.js";
import type { SweepResults, SweepRow } from "../sweep/sweep.js";
import { columned } from "./columns.js";
import { labelled, type Row } from "./labelledRows.js";
import { clipped, columns, textColumns, width } from "./terminal.js";
import { plural } from "./trainReport.js";

interface About {
  summary: Summary;
  seconds: number;
  /** What ran the trials. */
  where: string;
}

/** The longest value of a setting that is shown. */
const LONGEST = 24;

/** The best trials, each where it got furthest, and what the sweep has done. */
export function sweepReport({ plan, best, complete }: SweepResults, { summary, seconds, where }: About): string[] {
  const { count, failed, firstFailed } = summary;
  const told: Row[] = [
    ["Done", `${plural(count, "result")}${complete ? "" : ", not all"}, in ${seconds.toFixed(1)} s ${where}`],
    ...(firstFailed ? [["Failed", `${failed}; the first: ${firstFailed.failed}`] satisfies Row] : []),
    ...(best === undefined ? [] : [["Best", settingsOf(best, Object.keys(variedIn(plan)))] satisfies Row]),
  ];
  const table = tableOf(plan, summary);
  return [...table, ...(table.length > 0 ? [""] : []), ...labelled(told, textColumns())];
}

/** A column for each setting that varies; where these do not fit, one for all of them. */
function tableOf(plan: SweepResults["plan"], { top, measures }: Summary): string[] {
  if (top.length === 0) return [];
  const varied = Object.keys(variedIn(plan));
  const halving = "max" in plan.search;
  const within = columns();
  const wide = (names: readonly string[]): string[] =>
    columned(
      ["trial", ...varied, ...(halving ? ["until"] : []), ...names],
      top.map((row) => [
        `${row.trial}`,
        ...varied.map((name) => text(row.settings[name])),
        ...(halving ? [`${row.until}`] : []),
        ...names.map((name) => text(row.measures?.[name])),
      ]),
      { right: Array.from({ length: 3 + varied.length + names.length }, (_, i) => i) },
    );
  const narrow = (names: readonly string[]): string[] => {
    const head = ["trial", ...(halving ? ["until"] : []), ...names, "settings"];
    const rows = top.map((row) => [
      `${row.trial}`,
      ...(halving ? [`${row.until}`] : []),
      ...names.map((name) => text(row.measures?.[name])),
      settingsOf(row, varied),
    ]);
    return columned(head, rows, { right: head.map((_, i) => i).slice(0, -1), within });
  };
  const all = [...measures];
  const ranked = all.filter((name) => name === (plan.measure ?? "loss"));
  const fits = (lines: readonly string[]) => lines.every((line) => width(line) <= within);
  return [() => wide(all), () => narrow(all)].map((make) => make()).find(fits) ?? narrow(ranked);
}

const settingsOf = ({ settings }: SweepRow, varied: readonly string[]): string =>
  varied
    .filter((name) => settings[name] !== undefined)
    .map((name) => `${clipped(name, LONGEST)} ${text(settings[name])}`)
    .join(", ");

function text(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(5)));
  return clipped(typeof value === "string" ? value : JSON.stringify(value), LONGEST);
}
