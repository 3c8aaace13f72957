/** The pictures of a sweep, each as the text of an SVG element of a given width. */
import { escaped, text } from "../../landscape/picture.js";
import type { SweepRow } from "../sweep.js";
import { type Axis, clip, numberAxis } from "./axis.js";

/** A row with its value, where small or large ones are good. */
export interface Ranked {
  row: SweepRow;
  value: number;
}

const TOP = 34;
const HEIGHT = 300;
const BOTTOM = 46;
/** Between two axes of parallel coordinates, at least. */
const APART = 70;
/** The best tenth is set off. */
const BEST = 10;

const svg = (width: number, height: number, title: string, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"><title>${escaped(title)}</title>${parts.join("")}</svg>`;
const n = (x: number): string => x.toFixed(1);
const line = (points: readonly (readonly [number, number])[], attributes: string): string =>
  `<path d="M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join("L")}" ${attributes}/>`;
const up = (at: number): number => TOP + (1 - at) * HEIGHT;

/** A line through the axes for each trial, the best on top. */
export function parallelCoordinates(axes: readonly Axis[], ranked: readonly Ranked[], width: number): string {
  const left = 52;
  const right = 44;
  const wide = Math.max(width, left + right + APART * (axes.length - 1));
  const px = (i: number): number => left + ((wide - left - right) * i) / Math.max(1, axes.length - 1);
  const last = axes.length - 1;
  const lines = ranked.map(({ row, value }, rank) => {
    const points = axes.flatMap((axis, i) => {
      const at = axis.place(i === last ? value : row.settings[axis.name]);
      return at === undefined ? [] : [[px(i), up(at)] as const];
    });
    const kind = rank === 0 ? "first" : rank < ranked.length / BEST ? "good" : "rest";
    return points.length > 1 ? line(points, `class="${kind}"`) : "";
  });
  const frames = axes.flatMap(({ name, marks }, i) => [
    `<path class="axis" d="M${n(px(i))} ${TOP}v${HEIGHT}"/>`,
    text(px(i), i % 2 === 0 ? TOP - 10 : TOP + HEIGHT + 20, clip(name), 'text-anchor="middle" class="name"'),
    ...marks.map((mark) =>
      text(
        px(i) + (i === 0 ? -5 : 5),
        up(mark.at) + 4,
        mark.label,
        `class="mark"${i === 0 ? ' text-anchor="end"' : ""}`,
      ),
    ),
  ]);
  return svg(wide, TOP + HEIGHT + BOTTOM, "Settings of each trial and what they led to", [
    ...lines.reverse(),
    ...frames,
  ]);
}

/** Values over a setting, in the colours of another one's values. */
export function scatter(
  { x, y }: { x: Axis; y: Axis },
  series: { labels: readonly string[]; of: (row: SweepRow) => number },
  ranked: readonly Ranked[],
  width: number,
): string {
  const { labels, of } = series;
  const box = boxOf(width);
  const dots = ranked.flatMap(({ row, value }) => {
    const [across, high] = [x.place(row.settings[x.name]), y.place(value)];
    if (across === undefined || high === undefined) return [];
    return [shape(Math.max(0, of(row)), box.px(across), up(high))];
  });
  return svg(width, TOP + HEIGHT + BOTTOM + legendHeight(labels, width), `${y.name} by ${x.name}`, [
    ...box.axes(x, y),
    ...dots.reverse(),
    ...legend(labels, width),
  ]);
}

/** Values of each trial over how far it went. */
export function curves({ x, y }: { x: Axis; y: Axis }, trials: readonly (readonly Ranked[])[], width: number): string {
  const box = boxOf(width);
  const lines = trials.flatMap((rows, rank) => {
    const points = rows.flatMap(({ row, value }) => {
      const [across, high] = [x.place(row.until), y.place(value)];
      return across === undefined || high === undefined ? [] : [[box.px(across), up(high)] as const];
    });
    if (points.length === 0) return [];
    const kind = rank === 0 ? "first" : rank < trials.length / BEST ? "good" : "rest";
    if (points.length > 1) return [line(points, `class="${kind}"`)];
    const [[cx, cy]] = points;
    return [`<circle class="${kind} end" cx="${n(cx)}" cy="${n(cy)}" r="2"/>`];
  });
  return svg(width, TOP + HEIGHT + BOTTOM, `${y.name} by ${x.name}`, [...box.axes(x, y), ...lines.reverse()]);
}

/** The best value so far, over the number of results. */
export function bestSoFar(
  y: Axis,
  count: number,
  steps: readonly (readonly [number, number])[],
  width: number,
): string {
  const box = boxOf(width);
  const x = numberAxis("result", [1, Math.max(2, count)], false);
  const points: [number, number][] = [];
  for (const [result, value] of steps) {
    const across = box.px(x.place(result)!);
    const before = points.at(-1);
    if (before) points.push([across, before[1]]);
    points.push([across, up(y.place(value)!)]);
  }
  const [, end] = points.at(-1)!;
  points.push([box.px(1), end]);
  return svg(width, TOP + HEIGHT + BOTTOM, `Best ${y.name} so far`, [...box.axes(x, y), line(points, 'class="first"')]);
}

/** The box of a plot, with its axes. */
function boxOf(width: number) {
  const left = 58;
  const right = 16;
  const px = (at: number): number => left + at * (width - left - right);
  return {
    px,
    axes: (x: Axis, y: Axis): string[] => [
      ...y.marks.flatMap(({ at, label }) => [
        `<path class="grid" d="M${left} ${n(up(at))}H${width - right}"/>`,
        text(left - 6, up(at) + 4, label, 'class="mark" text-anchor="end"'),
      ]),
      `<rect class="axis" x="${left}" y="${TOP}" width="${width - left - right}" height="${HEIGHT}"/>`,
      ...x.marks.map(({ at, label }) => text(px(at), TOP + HEIGHT + 17, label, 'class="mark" text-anchor="middle"')),
      text(px(0.5), TOP + HEIGHT + 36, clip(x.name, 40), 'class="name" text-anchor="middle"'),
      text(left, TOP - 12, clip(y.name, 40), 'class="name"'),
    ],
  };
}

/** A mark of a series: told apart by its form too. */
function shape(i: number, x: number, y: number): string {
  const forms = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-4-4h8v8h-8z", "M0-5l5 9h-10z", "M0-5l5 5l-5 5l-5-5z"];
  return `<path class="dot r${i % 7}" transform="translate(${n(x)} ${n(y)})" d="${forms[i % forms.length]}"/>`;
}

const CELL = 150;
const perRow = (width: number): number => Math.max(1, Math.floor((width - 20) / CELL));
const legendHeight = (labels: readonly string[], width: number): number =>
  labels.length < 2 ? 0 : 20 * Math.ceil(labels.length / perRow(width));

function legend(labels: readonly string[], width: number): string[] {
  if (labels.length < 2) return [];
  const columns = perRow(width);
  return labels.flatMap((label, i) => {
    const [x, y] = [30 + (i % columns) * CELL, TOP + HEIGHT + BOTTOM + 10 + 20 * Math.floor(i / columns)];
    return [shape(i, x, y - 4), text(x + 12, y, clip(label, 16))];
  });
}
