import { rangeError, typeError } from "../check.js";
import { log } from "../math/f64.js";
import { chained, contours } from "./contours.js";
import { checkLandscape, type Landscape } from "./landscape.js";
import { clipped, dash, far, frame, opening, short, style, text, ticks } from "./picture.js";
import type { Race, Run } from "./race.js";

// One above the other, so that the text is still read where a page is 360 pixels wide; wider pages show it at SHOWN pixels.
const WIDTH = 508;
const SHOWN = 560;
const LEFT = 60;
const SIDE = 420;
const TOP = 56;
/** Where the curves begin, below the map with its ticks and marks. */
const CURVES = TOP + SIDE + 60;
const HIGH = 200;
/** Where the legend begins, and its lines. */
const LEGEND = CURVES + HIGH + 62;
const ROW = 20;
/** The longest name in the table has 17 characters. */
const MOST_LABEL = 20;
const LEVELS = 14;
/** Losses below it are drawn at it: f32 parameters go little further, and 0 has no logarithm. */
const FLOOR = 1e-9;
/** Points of a loss curve: more are not told apart at its width. */
const MOST_POINTS = 2 * SIDE;

/**
 * A race as a picture: the paths over lines of equal log(1 + f - f*), and the losses by step. Runners differ by colour, dash and
 * label; the colours follow the reader's light or dark theme. The text of an SVG file of some 50 kB.
 *
 * Throws a TypeError for what is no race, and a RangeError for a race on another surface or in other than two variables.
 *
 * @example
 * raceSvg(landscapes.ravine, await race(landscapes.ravine, ["sgd", "adam"], { start: [-4, 2], steps: 200, rates: 0.03 }));
 */
export function raceSvg(landscape: Landscape, result: Race): string {
  checkLandscape(landscape);
  if (typeof result !== "object" || result === null || !Array.isArray(result.runs))
    throw typeError("result", "what race returns", result);
  if (landscape.dims !== 2) throw rangeError("landscape", "one of two variables", landscape.dims);
  if (result.landscape !== landscape.name) throw rangeError("result", `a race on ${landscape.name}`, result.landscape);
  const lines = result.runs.map(({ summary }) => summary.split("; ").length);
  const rows = lines.map((_, i) => lines.slice(0, i).reduce((a, b) => a + b, 0));
  const height = LEGEND + ROW * lines.reduce((a, b) => a + b, 0);
  const title = `${landscape.name}: ${result.mode}${typeof result.rates === "number" ? ` of ${result.rates}` : ""}`;
  const from = `from (${result.start.map(short).join(", ")}), ${result.steps} steps`;
  return [
    ...opening(WIDTH, height, `A race on ${title}, ${from}`, style(result.runs.length), SHOWN),
    text(LEFT, 24, title, 'font-size="16" font-weight="600"'),
    text(LEFT, 43, `${landscape.formula.length > 24 ? "" : `f = ${landscape.formula}, `}${from}`, 'class="quiet"'),
    ...map(landscape, result.runs),
    ...curves(landscape, result),
    ...result.runs.flatMap((run, i) => legend(run, i, LEGEND + ROW * rows[i])),
    "</svg>",
    "",
  ].join("\n");
}

function map(landscape: Landscape, runs: readonly Run[]): string[] {
  const [[x0, x1], [y0, y1]] = landscape.domain;
  const px = (x: number): number => LEFT + ((x - x0) / (x1 - x0)) * SIDE;
  const py = (y: number): number => TOP + SIDE - ((y - y0) / (y1 - y0)) * SIDE;
  const point = (x: number, y: number): string => `${far(px(x)).toFixed(1)} ${far(py(y)).toFixed(1)}`;
  const lines = contours(landscape, LEVELS).map(({ pieces }) => {
    const d = chained(pieces.map(([ax, ay, bx, by]) => [point(ax, ay), point(bx, by)]));
    return d === "" ? "" : `<path class="contour" d="${d}"/>`;
  });
  const paths = runs.flatMap(({ path }, i) => {
    const [endX, endY] = path[path.length - 1];
    const d = `M${path.map(([x, y]) => point(x, y)).join("L")}`;
    const end = point(endX, endY).split(" ");
    return [
      `<path class="run r${i}" d="${d}"${dash(i)}/>`,
      `<circle class="dot r${i}" cx="${end[0]}" cy="${end[1]}" r="4"/>`,
    ];
  });
  const [startX, startY] = runs[0].path[0];
  const marks = landscape.minima.map(({ point: [x, y] }) => {
    const [cx, cy] = [px(x), py(y)];
    return `<path class="mark" d="M${cx - 5} ${cy}h10M${cx} ${cy - 5}v10"/>`;
  });
  return [
    `<clipPath id="thalweg-map"><rect x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}"/></clipPath>`,
    `<g clip-path="url(#thalweg-map)">`,
    ...lines.filter(Boolean),
    ...paths,
    ...marks,
    `<circle class="mark" cx="${px(startX).toFixed(1)}" cy="${py(startY).toFixed(1)}" r="6"/>`,
    "</g>",
    frame(LEFT, TOP, SIDE, SIDE),
    ...ticks(x0, x1).map((x) => text(px(x), TOP + SIDE + 17, short(x), 'text-anchor="middle"')),
    ...ticks(y0, y1).map((y) => text(LEFT - 7, py(y) + 4, short(y), 'text-anchor="end"')),
    text(
      LEFT + SIDE / 2,
      TOP + SIDE + 35,
      `○ start   ${landscape.minima.length > 0 ? "+ minimum   " : ""}● end`,
      'text-anchor="middle" class="quiet" xml:space="preserve"',
    ),
  ];
}

function curves(landscape: Landscape, { runs, steps }: Race): string[] {
  const lowest = landscape.minima[0]?.value;
  // Where there is no lowest point the values themselves, by a plain axis.
  const height = (loss: number): number =>
    lowest === undefined ? loss : log(Math.max(FLOOR, loss - lowest)) / Math.LN10;
  const heights = runs.flatMap(({ losses }) => losses.map(height));
  const bottom = Math.floor(heights.reduce((a, b) => Math.min(a, b)));
  const top = Math.max(
    bottom + 1,
    Math.ceil(
      Math.min(
        12,
        heights.reduce((a, b) => Math.max(a, b)),
      ),
    ),
  );
  const px = (step: number): number => LEFT + (step / steps) * SIDE;
  const py = (h: number): number => CURVES + HIGH - ((h - bottom) / (top - bottom)) * HIGH;
  const apart = Math.ceil((top - bottom) / 6);
  const decades = Array.from({ length: Math.floor((top - bottom) / apart) + 1 }, (_, k) => bottom + k * apart);
  const rows = lowest === undefined ? ticks(bottom, top) : decades;
  const name = (h: number): string => (lowest === undefined ? short(h) : h === 0 ? "1" : h === 1 ? "10" : `1e${h}`);
  const lines = runs.map(({ losses }, i) => {
    const by = Math.max(1, Math.ceil(losses.length / MOST_POINTS));
    const drawn = losses.flatMap((loss, step) =>
      step % by === 0 || step === losses.length - 1 ? `${px(step).toFixed(1)} ${far(py(height(loss))).toFixed(1)}` : [],
    );
    return `<path class="run r${i}" d="M${drawn.join("L")}"${dash(i)}/>`;
  });
  return [
    `<clipPath id="thalweg-curves"><rect x="${LEFT}" y="${CURVES}" width="${SIDE}" height="${HIGH}"/></clipPath>`,
    ...rows.map((h) => `<path class="grid" d="M${LEFT} ${py(h).toFixed(1)}h${SIDE}"/>`),
    `<g clip-path="url(#thalweg-curves)">`,
    ...lines,
    "</g>",
    frame(LEFT, CURVES, SIDE, HIGH),
    ...rows.map((h) => text(LEFT - 7, py(h) + 4, name(h), 'text-anchor="end"')),
    ...ticks(0, steps).map((step) => text(px(step), CURVES + HIGH + 17, short(step), 'text-anchor="middle"')),
    text(
      LEFT + SIDE / 2,
      CURVES + HIGH + 35,
      lowest === undefined ? "f by step" : "f − f* by step",
      'text-anchor="middle" class="quiet"',
    ),
  ];
}

/** A line for each runner, and one more for the limit of the rate of one that diverged. */
function legend({ label, lr, summary }: Run, i: number, y: number): string[] {
  const [outcome, ...limit] = summary.split("; ");
  const how = lr === undefined ? outcome : `lr ${short(lr)}, ${outcome}`;
  return [
    `<path class="run r${i}" d="M${LEFT} ${y - 4}h44"${dash(i)}/>`,
    text(LEFT + 56, y, clipped(label, MOST_LABEL)),
    text(LEFT + SIDE, y, how, 'text-anchor="end"'),
    ...limit.map((words) => text(LEFT + SIDE, y + ROW - 2, words, 'text-anchor="end" class="quiet"')),
  ];
}
