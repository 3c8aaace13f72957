import { checkKeys, rangeError, typeError } from "../../check.js";
import { greatest, least } from "../../extremes.js";
import { log } from "../../f64.js";
import { dash, far, frame, opening, short, style, text, ticks } from "../picture.js";
import { checkString, LEFT, TOP, WIDTH } from "./frame.js";
import type { LossSlice } from "./slices.js";

/** Options of {@link lossSliceSvg}. */
export interface SliceSvgOptions {
  /** Default "Loss along a line". */
  title?: string;
  /** A name for each slice. Default: its direction. */
  labels?: readonly string[];
}

const RIGHT = WIDTH - 16;
const HEIGHT = 260;
const ROW = 20;
/** The ratio of losses from which the axis is logarithmic. */
const WIDE = 100;

/**
 * Losses along lines as a picture: a curve for each, with a logarithmic axis where they differ by a factor of 100 or more. Where a loss is
 * not finite, its curve has a gap, with a cross at the upper edge. Curves differ by colour, dash and label; the colours follow the reader's
 * light or dark theme. The text of an SVG file.
 *
 * Throws a TypeError for what is no slice, and a RangeError for labels that are not one for each.
 *
 * @example
 * const sharp = lossSlice(one, mse, { x, y: target });
 * const flat = lossSlice(other, mse, { x, y: target });
 * writeFileSync("slices.svg", lossSliceSvg([sharp, flat], { labels: ["batch 8", "batch 256"] }));
 */
export function lossSliceSvg(slices: LossSlice | readonly LossSlice[], options: SliceSvgOptions = {}): string {
  const all = (Array.isArray(slices) ? slices : [slices]) as readonly LossSlice[];
  if (all.length === 0) throw rangeError("slices", "at least one", slices);
  for (const slice of all) checkSlice(slice);
  checkKeys("lossSliceSvg", options, ["title", "labels"]);
  const { title = "Loss along a line", labels = all.map(({ direction }) => direction) } = options;
  checkString("title", title);
  if (!Array.isArray(labels) || labels.some((label) => typeof label !== "string"))
    throw typeError("labels", "an array of strings", labels);
  if (labels.length !== all.length) throw rangeError("labels", `${all.length}, one for each slice`, labels);
  const ends = all.flatMap(({ alphas }) => [alphas[0], alphas[alphas.length - 1]]);
  const [from, to] = [least(ends), greatest(ends)];
  const px = (alpha: number): number => LEFT + ((alpha - from) / (to - from)) * (RIGHT - LEFT);
  const scale = scaleOf(all.flatMap(({ losses }) => losses));
  const height = TOP + HEIGHT + 50 + ROW * all.length + (scale.gaps ? ROW : 0);
  return [
    ...opening(WIDTH, height, title, style(all.length)),
    text(LEFT, 24, title, 'font-size="16" font-weight="600"'),
    text(LEFT, 43, scale.name, 'class="quiet"'),
    `<clipPath id="thalweg-slice"><rect x="${LEFT}" y="${TOP}" width="${RIGHT - LEFT}" height="${HEIGHT}"/></clipPath>`,
    ...scale.rows.map(([y]) => `<path class="grid" d="M${LEFT} ${y.toFixed(1)}H${RIGHT}"/>`),
    from < 0 && to > 0 ? `<path class="contour" d="M${px(0).toFixed(1)} ${TOP}v${HEIGHT}"/>` : "",
    `<g clip-path="url(#thalweg-slice)">`,
    ...all.map((slice, i) => curve(slice, i, px, scale.y)),
    "</g>",
    ...all.flatMap(({ alphas, losses }, i) =>
      alphas.flatMap((alpha, k) => (Number.isFinite(losses[k]) ? [] : [lost(px(alpha), i)])),
    ),
    frame(LEFT, TOP, RIGHT - LEFT, HEIGHT),
    ...scale.rows.map(([y, name]) => text(LEFT - 7, y + 4, name, 'text-anchor="end"')),
    ...ticks(from, to).map((alpha) => text(px(alpha), TOP + HEIGHT + 17, short(alpha), 'text-anchor="middle"')),
    text((LEFT + RIGHT) / 2, TOP + HEIGHT + 34, "α", 'text-anchor="middle" class="quiet"'),
    ...labels.flatMap((label, i) => {
      const y = TOP + HEIGHT + 54 + ROW * i;
      return [
        `<path class="run r${i}" d="M${LEFT} ${y - 4}h44"${dash(i)}/>`,
        text(LEFT + 56, y, label.length > 50 ? `${label.slice(0, 49)}…` : label),
      ];
    }),
    scale.gaps ? text(LEFT, TOP + HEIGHT + 54 + ROW * all.length, "× not finite", 'class="quiet"') : "",
    "</svg>",
    "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** The axis of losses: where one is drawn, and the lines across with their names. */
function scaleOf(losses: readonly number[]) {
  const known = losses.filter(Number.isFinite);
  const lowest = known.length > 0 ? least(known) : 0;
  const highest = known.length > 0 ? greatest(known) : 1;
  const logarithmic = lowest > 0 && highest > WIDE * lowest;
  const raw = (loss: number): number => (logarithmic ? log(loss) / Math.LN10 : loss);
  const margin = (raw(highest) - raw(lowest)) / 20 || Math.abs(raw(highest)) / 20 || 1;
  const [bottom, top] = [raw(lowest) - margin, raw(highest) + margin];
  const place = (value: number): number => TOP + HEIGHT - ((value - bottom) / (top - bottom)) * HEIGHT;
  const values = logarithmic ? decades(bottom, top) : ticks(bottom, top);
  const name = (value: number): string => (logarithmic ? short(Number(`1e${value}`)) : short(value));
  return {
    name: logarithmic ? "loss, by its logarithm" : "loss",
    gaps: known.length < losses.length,
    y: (loss: number): number => place(raw(loss)),
    rows: values.map((value) => [place(value), name(value)] as const),
  };
}

/** At most nine powers of ten. */
function decades(bottom: number, top: number): number[] {
  const apart = Math.ceil((top - bottom) / 8);
  const first = Math.ceil(bottom / apart);
  return Array.from({ length: Math.floor(top / apart) - first + 1 }, (_, k) => (first + k) * apart);
}

/** A curve, with a gap at each loss that is not finite. A point between two gaps is drawn as a dot. */
function curve(slice: LossSlice, i: number, px: (x: number) => number, py: (y: number) => number): string {
  let drawn = "";
  let joined = false;
  for (const [k, loss] of slice.losses.entries()) {
    if (Number.isFinite(loss)) {
      const at = `${px(slice.alphas[k]).toFixed(1)} ${far(py(loss)).toFixed(1)}`;
      drawn += joined ? `L${at}` : `M${at}h.1`;
    }
    joined = Number.isFinite(loss);
  }
  return drawn === "" ? "" : `<path class="run r${i}" d="${drawn}"${dash(i)}/>`;
}

const lost = (x: number, i: number): string =>
  `<path class="run r${i}" d="M${(x - 3).toFixed(1)} ${TOP + 4}l6 6m-6 0l6 -6"/>`;

function checkSlice(slice: unknown): void {
  const given = slice as LossSlice | null;
  const numbers = (list: unknown) => Array.isArray(list) && list.every((value) => typeof value === "number");
  const whole = typeof given === "object" && given !== null && numbers(given.alphas) && numbers(given.losses);
  if (!whole) throw typeError("slices", "what lossSlice returns, or an array of them", slice);
  if (given.losses.length !== given.alphas.length || given.alphas.length < 2)
    throw rangeError("slices", "a loss for each of two or more alphas", given.losses);
}
