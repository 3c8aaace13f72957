import plot from "simple-ascii-chart";
import { greatest, least } from "../math/extremes.js";
import { columns, width } from "./terminal.js";

/** What a chart shows, epoch by epoch. */
export interface Curves {
  losses: readonly number[];
  /** Losses of the validation, which are drawn as dots. */
  validation?: readonly number[] | undefined;
  /** The epoch to mark, counted as the x axis is. */
  best?: number | undefined;
}

export interface ChartOptions {
  title: string;
  /** The unit of the x axis: "epoch". */
  xLabel: string;
  /** Use a logarithmic y axis. */
  log?: boolean;
}

const WIDEST = 60;
const HEIGHT = 10;
/** Columns for the labels of the y axis. */
const MARGIN = 12;
const DOT = "•";

type Point = [x: number, y: number];

/**
 * Draws loss curves as lines of text, with the first value at x = `from`. Values that are not finite are left out; with fewer
 * than two there is nothing to draw.
 */
export function lossCurve(
  { losses, validation = [], best }: Curves,
  from: number,
  { title, xLabel, log = false }: ChartOptions,
): string[] {
  const wide = Math.min(WIDEST, columns() - MARGIN);
  const points = pointsOf(losses, from, wide, log);
  if (points.length < 2) return [];
  const dots = pointsOf(validation, from, wide, log);
  const last = from + losses.length - 1;
  const heights = [...points, ...dots].map(([, y]) => y);
  const top = greatest(heights);
  const scale = linear(Math.min(0, least(heights)), Math.max(0, top));
  const chart = plot(points, {
    width: wide,
    height: HEIGHT,
    customXAxisTicks: [...new Set([from, ...ticks(last, Math.min(last, 6)).filter((x) => x > from)])],
    ...(log
      ? { yRange: [least(heights), top] }
      : { yRange: [scale[0], scale[scale.length - 1]], customYAxisTicks: scale }),
    points: dots.map(([x, y]) => ({ x, y })),
    symbols: { point: DOT },
    formatter: (value, { axis }) => (axis === "x" ? value : short(log ? 10 ** value : value)),
  });
  const lines = chart.split("\n").filter((line) => line.trim() !== "");
  const axis = lines[0].indexOf("▲");
  const marked = best === undefined ? undefined : axis + 1 + Math.round(((best - from) / (last - from)) * (wide - 1));
  const keys = dots.length > 0 ? [`${" ".repeat(axis + 1)}━ training  ${DOT} validation`] : [];
  return [title, ...keys, ...lines.map((line) => line.trimEnd()), below(axis + wide, xLabel, marked, best)];
}

/** The line below the axis: the mark of the best epoch, and what the axis counts, on the right unless the mark is there. */
function below(right: number, xLabel: string, marked: number | undefined, best: number | undefined): string {
  const label = (space: number) => " ".repeat(Math.max(0, space - xLabel.length)) + xLabel;
  if (marked === undefined) return label(right);
  const text = `best ${xLabel}: ${best}`;
  // To the right of its arrow while there is room for the label after it, or else to the left.
  if (marked + 2 + text.length + 2 + xLabel.length <= right) {
    const mark = `${" ".repeat(marked)}↑ ${text}`;
    return mark + label(right - width(mark));
  }
  return `${" ".repeat(Math.max(0, marked - text.length - 1))}${text} ↑`;
}

/** The points of a curve, some for each column: the time of plotting grows with them. */
function pointsOf(losses: readonly number[], from: number, wide: number, log: boolean): Point[] {
  const apart = Math.ceil(losses.length / (4 * wide));
  const points: Point[] = [];
  for (let i = 0; i < losses.length; i++) {
    if (i % apart !== 0 && i !== losses.length - 1) continue;
    const y = log ? Math.log10(losses[i]) : losses[i];
    if (Number.isFinite(y)) points.push([from + i, y]);
  }
  return points;
}

/** The distance between at most `count` ticks up to `top`: 1, 2 or 5 times a power of ten. */
function step(top: number, count: number): number {
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((m) => m * power >= rough * 0.999) ?? 10);
}

/** Round numbers from the lowest value, or 0, or just below, to the highest, or 0, or just above. */
function linear(bottom: number, top: number): number[] {
  const by = step(Math.max(top, -bottom) || 1, 5);
  const first = Math.floor(bottom / by + 1e-9);
  const count = Math.ceil(top / by - 1e-9) - first + 1;
  return count === 1 ? [0, 1] : Array.from({ length: count }, (_, i) => (first + i) * by);
}

function ticks(top: number, count: number): number[] {
  const by = step(top, count);
  return Array.from({ length: Math.floor(top / by + 1e-9) + 1 }, (_, i) => i * by);
}

/** Two significant digits: 0.05, 1200, 500M; an exponent beyond. */
function short(x: number): string {
  const rounded = Number(x.toPrecision(2));
  const size = Math.abs(rounded);
  if (size < 1e4) return String(rounded);
  return size < 1e15
    ? rounded.toLocaleString("en-US", { notation: "compact" })
    : rounded.toExponential().replace("+", "");
}
