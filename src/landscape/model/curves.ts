import { rangeError, typeError } from "../../check.js";
import { greatest, least } from "../../math/extremes.js";
import { log } from "../../math/f64.js";
import { clipped, dash, far, frame, opening, style, text, ticks } from "../picture.js";
import { LEFT, MOST_TITLE, TOP, tick, WIDTH } from "./frame.js";

/** y over x: the x ascend. */
export interface Curve {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly label: string;
}

const RIGHT = WIDTH - 16;
const HEIGHT = 260;
const ROW = 20;
/** Columns for the name of a curve. */
const MOST_LABEL = 50;
/** The ratio of values from which the axis is logarithmic. */
const WIDE = 100;

/**
 * Curves as a picture, with a logarithmic axis where they are positive and differ by a factor of 100 or more. Where a y is
 * not finite, its curve has a gap, with a cross at the upper edge. Curves differ by colour, dash and label.
 */
export function curvesSvg(title: string, x: string, y: string, curves: readonly Curve[]): string {
  const ends = curves.flatMap(({ xs }) => [xs[0], xs[xs.length - 1]]);
  const [from, to] = [least(ends), greatest(ends)];
  const px = (value: number): number => LEFT + ((value - from) / (to - from)) * (RIGHT - LEFT);
  const scale = scaleOf(curves.flatMap(({ ys }) => ys));
  const height = TOP + HEIGHT + 50 + ROW * curves.length + (scale.gaps ? ROW : 0);
  return [
    ...opening(WIDTH, height, title, style(curves.length)),
    text(LEFT, 24, clipped(title, MOST_TITLE), 'font-size="16" font-weight="600"'),
    text(LEFT, 43, scale.logarithmic ? `${y}, by its logarithm` : y, 'class="quiet"'),
    `<clipPath id="thalweg-slice"><rect x="${LEFT}" y="${TOP}" width="${RIGHT - LEFT}" height="${HEIGHT}"/></clipPath>`,
    ...scale.rows.map(([row]) => `<path class="grid" d="M${LEFT} ${row.toFixed(1)}H${RIGHT}"/>`),
    from < 0 && to > 0 ? `<path class="contour" d="M${px(0).toFixed(1)} ${TOP}v${HEIGHT}"/>` : "",
    `<g clip-path="url(#thalweg-slice)">`,
    ...curves.map((one, i) => curve(one, i, px, scale.place)),
    "</g>",
    ...curves.flatMap(({ xs, ys }, i) =>
      xs.flatMap((value, k) => (Number.isFinite(ys[k]) ? [] : [lost(px(value), i)])),
    ),
    frame(LEFT, TOP, RIGHT - LEFT, HEIGHT),
    ...scale.rows.map(([row, name]) => text(LEFT - 7, row + 4, name, 'text-anchor="end"')),
    ...ticks(from, to).map((value) => text(px(value), TOP + HEIGHT + 17, tick(value), 'text-anchor="middle"')),
    text((LEFT + RIGHT) / 2, TOP + HEIGHT + 34, x, 'text-anchor="middle" class="quiet"'),
    ...curves.flatMap(({ label }, i) => {
      const row = TOP + HEIGHT + 54 + ROW * i;
      return [
        `<path class="run r${i}" d="M${LEFT} ${row - 4}h44"${dash(i)}/>`,
        text(LEFT + 56, row, clipped(label, MOST_LABEL)),
      ];
    }),
    scale.gaps ? text(LEFT, TOP + HEIGHT + 54 + ROW * curves.length, "× not finite", 'class="quiet"') : "",
    "</svg>",
    "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** Checks the names of curves, one for each. */
export function checkLabels(labels: unknown, count: number, what: string): void {
  if (!Array.isArray(labels) || labels.some((label) => typeof label !== "string"))
    throw typeError("labels", "an array of strings", labels);
  if (labels.length !== count) throw rangeError("labels", `${count}, one for each ${what}`, labels);
}

/** Whether something is an array of numbers. */
export const isNumbers = (list: unknown): list is readonly number[] =>
  Array.isArray(list) && list.every((value) => typeof value === "number");

/** The axis of y: where one is drawn, and the lines across with their names. */
function scaleOf(ys: readonly number[]) {
  const known = ys.filter(Number.isFinite);
  const lowest = known.length > 0 ? least(known) : 0;
  const highest = known.length > 0 ? greatest(known) : 1;
  const logarithmic = lowest > 0 && highest > WIDE * lowest;
  const raw = (y: number): number => (logarithmic ? log(y) / Math.LN10 : y);
  const margin = (raw(highest) - raw(lowest)) / 20 || Math.abs(raw(highest)) / 20 || 1;
  const [bottom, top] = [raw(lowest) - margin, raw(highest) + margin];
  const place = (value: number): number => TOP + HEIGHT - ((value - bottom) / (top - bottom)) * HEIGHT;
  const values = logarithmic ? decades(bottom, top) : ticks(bottom, top);
  const name = (value: number): string => tick(logarithmic ? Number(`1e${value}`) : value);
  return {
    logarithmic,
    gaps: known.length < ys.length,
    place: (y: number): number => place(raw(y)),
    rows: values.map((value) => [place(value), name(value)] as const),
  };
}

/** At most nine powers of ten. */
function decades(bottom: number, top: number): number[] {
  const apart = Math.ceil((top - bottom) / 8);
  const first = Math.ceil(bottom / apart);
  return Array.from({ length: Math.floor(top / apart) - first + 1 }, (_, k) => (first + k) * apart);
}

/** A curve, with a gap at each y that is not finite. A point between two gaps is drawn as a dot. */
function curve({ xs, ys }: Curve, i: number, px: (x: number) => number, py: (y: number) => number): string {
  let drawn = "";
  let joined = false;
  for (const [k, y] of ys.entries()) {
    if (Number.isFinite(y)) {
      const at = `${px(xs[k]).toFixed(1)} ${far(py(y)).toFixed(1)}`;
      drawn += joined ? `L${at}` : `M${at}h.1`;
    }
    joined = Number.isFinite(y);
  }
  return drawn === "" ? "" : `<path class="run r${i}" d="${drawn}"${dash(i)}/>`;
}

const lost = (x: number, i: number): string =>
  `<path class="run r${i}" d="M${(x - 3).toFixed(1)} ${TOP + 4}l6 6m-6 0l6 -6"/>`;
