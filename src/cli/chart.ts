import plot from "simple-ascii-chart";
import { greatest } from "../extremes.js";

export interface ChartOptions {
  title: string;
  /** The unit of the x axis: "epoch". */
  xLabel: string;
  /** Use a logarithmic y axis. */
  log?: boolean;
}

const WIDTH = 60;
const HEIGHT = 10;

/** The most points that are plotted, some for each column: the time of plotting grows with them. */
const POINTS = 20 * WIDTH;

/** Draws a loss curve as lines of text, with the first value at x = `from`. Values that are not finite are left out. */
export function lossCurve(
  losses: readonly number[],
  from: number,
  { title, xLabel, log = false }: ChartOptions,
): string {
  const apart = Math.ceil(losses.length / POINTS);
  const points = losses
    .map((loss, i): [number, number] => [from + i, log ? Math.log10(loss) : loss])
    .filter(([, y], i) => Number.isFinite(y) && (i % apart === 0 || i === losses.length - 1));
  if (points.length < 2) return "";
  const last = from + losses.length - 1;
  const top = greatest(points.map(([, y]) => y));
  const above = Math.ceil(top / step(top, 5)) * step(top, 5);
  const chart = plot(points, {
    width: WIDTH,
    height: HEIGHT,
    customXAxisTicks: [...new Set([from, ...ticks(last, Math.min(last, 6)).filter((x) => x > from)])],
    ...(!log && { yRange: [0, above], customYAxisTicks: ticks(above, 5) }),
    formatter: (value, { axis }) => (axis === "x" ? value : short(log ? 10 ** value : value)),
  });
  const lines = chart.split("\n").filter((line) => line.trim() !== "");
  const axis = lines[0].indexOf("▲");
  const label = " ".repeat(Math.max(0, axis + WIDTH - xLabel.length)) + xLabel;
  return [title, ...lines.map((line) => line.trimEnd()), label].join("\n");
}

/** The distance between at most `count` ticks up to `top`: 1, 2 or 5 times a power of ten. */
function step(top: number, count: number): number {
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((m) => m * power >= rough * 0.999) ?? 10);
}

function ticks(top: number, count: number): number[] {
  const by = step(top, count);
  return Array.from({ length: Math.floor(top / by + 1e-9) + 1 }, (_, i) => i * by);
}

const short = (x: number): string => String(Number(x.toPrecision(2)));
