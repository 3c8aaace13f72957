import { DARK, escaped, LIGHT } from "../../landscape/picture.js";
import { type SweepPlan, valueIn, variedIn } from "../plan.js";
import type { Space } from "../space.js";
import { Summary } from "../summary.js";
import type { SweepResults, SweepRow } from "../sweep.js";
import type { Json } from "../trial.js";
import { type Axis, axisOf, label, numberAxis } from "./axis.js";
import { bestSoFar, curves, parallelCoordinates, type Ranked, scatter } from "./figures.js";

/** The most trials that are drawn: the best. More are not told apart, and a page of a million would not open. */
const MOST_DRAWN = 1000;
/** The most trials in the table. */
const MOST_LISTED = 25;
/** The widths that figures are drawn for: a window, and a telephone. */
const WIDTHS = { wide: 860, narrow: 336 } as const;
/** The most colours of a picture. */
const MOST_SERIES = 7;

/**
 * A report of a sweep as one page: it takes nothing from a network, runs no script, and opens from disk. Follows the
 * reader's light or dark theme and the width of the window.
 *
 * @example
 * writeFileSync("report.html", sweepPage(await sweep(plan, { executor, content })));
 */
export function sweepPage(results: SweepResults): string {
  const { plan, rows, best, complete } = results;
  const measure = plan.measure ?? "loss";
  const summary = new Summary(plan, MOST_DRAWN);
  for (const row of rows) summary.add(row);
  const ranked = summary.top.flatMap((row) => rankedOf(row, measure));
  const failed = summary.firstFailed
    ? `<p>${summary.failed} failed; the first, trial ${summary.firstFailed.trial}: <q>${escaped(summary.firstFailed.failed!)}</q></p>`
    : "";
  const drawn = ranked.length === MOST_DRAWN ? `<p class="quiet">Pictures show the best ${MOST_DRAWN} trials.</p>` : "";
  const told = best
    ? `<p>Best: trial ${best.trial}, ${escaped(measure)} ${escaped(label(best.measures?.[measure]))}, with ${settingsOf(best, plan)}.</p>`
    : "<p>No trial was measured.</p>";
  const title = `Sweep: ${"table" in plan.task ? fileOf(plan.task.table) : fileOf(plan.task.module)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${css()}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${summary.count} results${complete ? "" : ", not all of the plan"}; search: ${escaped(plan.search.kind)}; ${escaped(measure)}, ${plan.goal === "max" ? "larger" : "smaller"} is better.</p>
${told}${failed}${drawn}
${ranked.length === 0 ? "" : sections(results, ranked).join("\n")}
${table(plan, summary)}
<details><summary>The plan</summary><pre tabindex="0">${JSON.stringify(plan, null, 2).split("\n").map(escaped).join("\n")}</pre></details>
</main>
</body>
</html>
`;
}

function sections({ plan, rows }: SweepResults, ranked: readonly Ranked[]): string[] {
  const { measure = "loss" } = plan;
  const space = drawnIn(plan, ranked);
  const values = numberAxis(
    measure,
    ranked.map(({ value }) => value),
  );
  const axes = Object.entries(space).map(([name, dimension]) => axisOf(name, dimension));
  const found = [
    figure(
      "Settings and results",
      "A line for each trial, from setting to setting to its result; the best tenth in colour, the best one thick.",
      (width) => parallelCoordinates([...axes, values], ranked, width),
    ),
  ];
  const x = axes.find(({ name }) => name === "lr") ?? axes.find(({ name }) => isNumeric(space[name]));
  if (x !== undefined) {
    const by = seriesOf(space, x);
    found.push(
      figure(
        by === undefined ? `${measure} by ${x.name}` : `${measure} by ${x.name}, for each ${by}`,
        `A mark for each trial, ${"max" in plan.search ? "where it got furthest" : "at its result"}.`,
        (width) => scatter({ x, y: values }, groups(space, by), ranked, width),
      ),
    );
  }
  found.push("max" in plan.search ? rungs(plan, rows, ranked) : progress(plan, rows, values));
  return found;
}

/** What each trial had at each rung. */
function rungs(plan: SweepResults["plan"], rows: readonly SweepRow[], ranked: readonly Ranked[]): string {
  const measure = plan.measure ?? "loss";
  const trials = new Map(ranked.map(({ row }) => [row.id, [] as Ranked[]]));
  for (const row of rows) for (const each of rankedOf(row, measure)) trials.get(row.id)?.push(each);
  const all = [...trials.values()];
  const x = numberAxis(
    "until",
    all.flat().map(({ row }) => row.until ?? 1),
    true,
  );
  const until: Axis = { ...x, marks: marksOf(all.flat(), x) };
  const y = numberAxis(
    measure,
    all.flat().map(({ value }) => value),
  );
  return figure("Rungs", "What each trial had at each rung; the best tenth in colour.", (width) =>
    curves({ x: until, y }, all, width),
  );
}

const marksOf = (rows: readonly Ranked[], axis: Axis): Axis["marks"] =>
  [...new Set(rows.map(({ row }) => row.until ?? 1))].map((value) => ({ at: axis.place(value)!, label: label(value) }));

/** The best so far, from result to result. */
function progress(plan: SweepResults["plan"], rows: readonly SweepRow[], y: Axis): string {
  const measure = plan.measure ?? "loss";
  const measured = valueIn(plan);
  const steps: [number, number][] = [];
  let lowest = Number.POSITIVE_INFINITY;
  for (const [i, { measures }] of rows.entries()) {
    const value = measures && measured({ measures });
    if (value === undefined || value >= lowest) continue;
    lowest = value;
    steps.push([i + 1, measures![measure]]);
  }
  return figure("Best so far", "In the order of the plan.", (width) => bestSoFar(y, rows.length, steps, width));
}

/** What varies, for the axes: of stages, which multiply settings by factors, the values that trials had. */
function drawnIn(plan: SweepPlan, ranked: readonly Ranked[]): Space {
  const space = variedIn(plan);
  if (plan.search.kind !== "stages") return space;
  const values = (name: string) => {
    const texts = ranked.map(({ row }) => row.settings[name]).filter((value) => value !== undefined);
    const list = [...new Set(texts.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text) as Json);
    return list.sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : 0));
  };
  const found = Object.keys(space).map((name) => [name, values(name)] as const);
  return Object.fromEntries(found.filter(([, list]) => list.length > 0));
}

const isNumeric = (dimension: unknown): boolean =>
  !Array.isArray(dimension) || dimension.every((value) => typeof value === "number");

/** The setting that tells the marks apart: the optimizer, or another list of few values. */
function seriesOf(space: Space, x: Axis): string | undefined {
  const few = (name: string) => {
    const dimension = space[name];
    return name !== x.name && Array.isArray(dimension) && dimension.length <= MOST_SERIES;
  };
  return Object.keys(space).find((name) => name === "optimizer" && few(name)) ?? Object.keys(space).find(few);
}

function groups(space: Space, by: string | undefined) {
  if (by === undefined) return { labels: [], of: () => 0 };
  const keys = (space[by] as readonly unknown[]).map((value) => JSON.stringify(value));
  return {
    labels: (space[by] as Parameters<typeof label>[0][]).map((value) => label(value, 16)),
    of: ({ settings }: SweepRow) => keys.indexOf(JSON.stringify(settings[by])),
  };
}

function rankedOf(row: SweepRow, measure: string): Ranked[] {
  const value = row.measures?.[measure];
  return value === undefined ? [] : [{ row, value }];
}

const figure = (title: string, caption: string, draw: (width: number) => string): string =>
  `<section><h2>${escaped(title)}</h2><p class="quiet">${escaped(caption)}</p>${Object.entries(WIDTHS)
    .map(([name, width]) => `<div class="${name}" tabindex="0">${draw(width)}</div>`)
    .join("")}</section>`;

function table(plan: SweepResults["plan"], { top, measures }: Summary): string {
  if (top.length === 0) return "";
  const halving = "max" in plan.search;
  const varied = Object.keys(variedIn(plan));
  const head = ["trial", ...varied, ...(halving ? ["until"] : []), ...measures];
  const lines = top
    .slice(0, MOST_LISTED)
    .map((row) => [
      row.trial,
      ...varied.map((name) => row.settings[name]),
      ...(halving ? [row.until] : []),
      ...[...measures].map((name) => row.measures?.[name]),
    ]);
  const cells = (tag: string, row: readonly Parameters<typeof label>[0][]) =>
    row.map((cell) => `<${tag}>${cell === undefined ? "" : escaped(label(cell, 40))}</${tag}>`).join("");
  return `<section><h2>The best ${lines.length}</h2><div class="scroll" tabindex="0"><table><thead><tr>${cells("th", head)}</tr></thead><tbody>${lines.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</tbody></table></div></section>`;
}

const settingsOf = ({ settings }: SweepRow, plan: SweepPlan): string =>
  Object.keys(variedIn(plan))
    .filter((name) => settings[name] !== undefined)
    .map((name) => `${escaped(name)} ${escaped(label(settings[name], 40))}`)
    .join(", ");

const fileOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

function css(): string {
  const colours = (palette: readonly string[]): string => palette.map((c, i) => `.r${i}{--c:${c}}`).join("");
  return `
:root{--ground:#fff;--ink:#1c1c1c;--quiet:#5a5a5a;--line:#8a8a8a;--grid:#e6e6e6;--first:#0072b2;--rest:#8a8a8a}
${colours(LIGHT)}
@media (prefers-color-scheme:dark){:root{--ground:#15181c;--ink:#ececec;--quiet:#a8a8a8;--line:#7d7d7d;--grid:#2a2e34;--first:#56b4e9;--rest:#7d7d7d}
${colours(DARK)}}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:12px}
h1{font-size:1.5rem;margin:.6em 0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:1.8em 0 0}p{margin:.3em 0;overflow-wrap:anywhere}
.quiet{color:var(--quiet)}.wide,.narrow,.scroll,pre{overflow-x:auto}.wide{display:none}
@media (min-width:890px){.wide{display:block}.narrow{display:none}}
svg{display:block;font-size:13px;fill:none}svg text{fill:var(--ink)}svg .mark{fill:var(--quiet);font-size:12px}svg .name{font-weight:600}
text{paint-order:stroke;stroke:var(--ground);stroke-width:3px;stroke-linejoin:round}
.axis{stroke:var(--line)}.grid{stroke:var(--grid)}.rest{stroke:var(--rest);stroke-opacity:.35}.good{stroke:var(--first);stroke-opacity:.6;stroke-width:1.5}
.first{stroke:var(--first);stroke-width:3}.dot{fill:var(--c);fill-opacity:.8}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.2em .8em .2em 0;border-bottom:1px solid var(--grid);white-space:nowrap}
details{margin:2em 0}pre{font-size:13px}
`;
}
