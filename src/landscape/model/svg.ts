import { checkKeys, rangeError, typeError } from "../../check.js";
import { greatest, least } from "../../math/extremes.js";
import { exp, log } from "../../math/f64.js";
import { cellOf, chained, crossing, finite, piecesAt } from "../contours.js";
import { clipped, far, frame, opening, short, style, text, ticks } from "../picture.js";
import { checkString, LEFT, MAP_WIDTH, MOST_TITLE, TOP, tick, WIDTH } from "./frame.js";
import type { LossSurface } from "./slices.js";

/** Options of {@link lossSurfaceSvg}. */
export interface SurfaceSvgOptions {
  /** Default "Loss surface". */
  title?: string;
  /** The line below it. Default: what the surface says of its directions. */
  caption?: string;
  /** A run of training on this plane, such as the `path` of `trajectoryDirections`: points as [alpha, beta]. */
  path?: readonly (readonly [alpha: number, beta: number])[];
}

const BANDS = 12;
const BAR = LEFT + MAP_WIDTH + 14;
const BAR_WIDTH = 14;
/** The least loss beside the greatest that has a colour of its own: f32 tells no more apart. */
const DEPTH = 1e-9;
/** The least height of the scale, for a loss that is the same everywhere. */
const LEAST = 1e-6;

/** From the lowest loss to the highest: one hue of growing strength, which all kinds of colour vision see as one order. */
const LIGHT = [[244, 249, 253], [23, 92, 158]] as const; // biome-ignore format: one line
const DARK = [[24, 32, 41], [150, 203, 255]] as const; // biome-ignore format: one line

/**
 * A loss surface as a picture: bands of equal ratio of loss between lines of equal loss, the parameters as a cross at the
 * origin, and hatched where the loss is not finite. Colours follow the reader's light or dark theme. The text of an SVG
 * file, some 60 kB for 51 × 51 points.
 *
 * Where a loss is 0 or negative, the bands are of equal ratio of 1 + L − Lmin.
 *
 * Throws a TypeError for what is no surface, and for a path that is not of points.
 *
 * @example
 * writeFileSync("surface.svg", lossSurfaceSvg(lossSurface(model, mse, { x, y: target }), { title: "After 100 epochs" }));
 */
export function lossSurfaceSvg(surface: LossSurface, options: SurfaceSvgOptions = {}): string {
  checkSurface(surface);
  checkKeys("lossSurfaceSvg", options, ["title", "caption", "path"]);
  const { title = "Loss surface", caption = surface.directions, path = [] } = options;
  checkString("title", title);
  checkString("caption", caption);
  checkPath(path);
  const { alphas, betas, losses, center } = surface;
  const height = TOP + MAP_WIDTH + 76;
  const px = axis(alphas, LEFT, LEFT + MAP_WIDTH);
  const py = axis(betas, TOP + MAP_WIDTH, TOP);
  const scale = scaleOf(losses.flat());
  const heights = losses.map((row) => row.map(scale.height));
  const colours = (ends: typeof LIGHT | typeof DARK): string =>
    Array.from({ length: BANDS }, (_, k) => `.b${k}{fill:${colour(ends, k / (BANDS - 1))}}`).join("");
  const css = style(
    0,
    `\n${colours(LIGHT)}.line{stroke:#10325a;stroke-opacity:.35;fill:none}.hatch{stroke:#7a7a7a}.halo{stroke:#fff;stroke-width:5;stroke-opacity:.7;fill:none}.track{stroke:#c24e00;stroke-width:2;stroke-linejoin:round;fill:none}.spot{fill:#c24e00}`,
    `\n${colours(DARK)}.line{stroke:#000;stroke-opacity:.4}.hatch{stroke:#8a8a8a}.halo{stroke:#15181c}.track{stroke:#ffa060}.spot{fill:#ffa060}`,
  );
  const wild = hatched(alphas.map(px), betas.map(py), heights);
  return [
    ...opening(WIDTH, height, `${title}, ${caption}`, css),
    text(LEFT, 24, clipped(title, MOST_TITLE), 'font-size="16" font-weight="600"'),
    text(LEFT, 43, caption, 'class="quiet"'),
    '<defs><pattern id="thalweg-wild" width="6" height="6" patternUnits="userSpaceOnUse"><path class="hatch" d="M0 6L6 0"/></pattern>',
    `<clipPath id="thalweg-surface"><rect x="${LEFT}" y="${TOP}" width="${MAP_WIDTH}" height="${MAP_WIDTH}"/></clipPath></defs>`,
    `<g clip-path="url(#thalweg-surface)">`,
    ...scale.levels.flatMap((level, k) => bandAndLine(level, k, alphas.map(px), betas.map(py), heights)),
    wild === "" ? "" : `<path fill="url(#thalweg-wild)" d="${wild}"/>`,
    ...trajectory(path, px, py),
    cross(px(0), py(0)),
    "</g>",
    frame(LEFT, TOP, MAP_WIDTH, MAP_WIDTH),
    ...ticks(alphas[0], alphas[alphas.length - 1]).map((a) =>
      text(px(a), TOP + MAP_WIDTH + 17, tick(a), 'text-anchor="middle"'),
    ),
    ...ticks(betas[0], betas[betas.length - 1]).map((b) => text(LEFT - 7, py(b) + 4, tick(b), 'text-anchor="end"')),
    text(LEFT + MAP_WIDTH / 2, TOP + MAP_WIDTH + 35, "α", 'text-anchor="middle" class="quiet"'),
    text(LEFT - 7, TOP - 15, "β", 'text-anchor="end" class="quiet"'),
    ...colourBar(scale),
    text(
      LEFT,
      TOP + MAP_WIDTH + 60,
      [
        `+ the parameters, loss ${short(center)}`,
        path.length > 0 ? "○ start of the run" : "",
        wild === "" ? "" : "▨ not finite",
      ]
        .filter(Boolean)
        .join("   "),
      'class="quiet" xml:space="preserve"',
    ),
    "</svg>",
    "",
  ]
    .filter(Boolean)
    .join("\n");
}

/** The scale of colours. */
interface Scale {
  height(loss: number): number;
  loss(height: number): number;
  /** The lower ends of the bands. */
  readonly levels: readonly number[];
  readonly top: number;
}

function scaleOf(losses: readonly number[]): Scale {
  const known = losses.filter(Number.isFinite);
  const lowest = known.length > 0 ? least(known) : 1;
  const highest = known.length > 0 ? greatest(known) : 1;
  const positive = lowest > 0;
  const floor = Math.max(lowest, highest * DEPTH);
  const height = (loss: number): number => {
    if (!Number.isFinite(loss)) return Number.NaN;
    return log(positive ? Math.max(loss, floor) : 1 + (loss - lowest));
  };
  const bottom = height(lowest);
  const top = Math.max(height(highest), bottom + LEAST);
  return {
    height,
    loss: (h) => (positive ? exp(h) : exp(h) - 1 + lowest),
    levels: Array.from({ length: BANDS }, (_, k) => bottom + ((top - bottom) * k) / BANDS),
    top,
  };
}

const colour = ([from, to]: typeof LIGHT | typeof DARK, share: number): string =>
  `rgb(${from.map((low, i) => Math.round(low + (to[i] - low) * share)).join(",")})`;

/** Where a value of an axis is drawn. */
function axis(values: readonly number[], from: number, to: number): (value: number) => number {
  const first = values[0];
  const last = values[values.length - 1];
  return (value) => from + ((value - first) / (last - first)) * (to - from);
}

const at = (x: number, y: number): string => `${Number(far(x).toFixed(1))} ${Number(far(y).toFixed(1))}`;

function bandAndLine(level: number, k: number, xs: number[], ys: number[], heights: number[][]): string[] {
  const band = `<path class="b${k}" d="${above(k === 0 ? Number.NEGATIVE_INFINITY : level, xs, ys, heights)}"/>`;
  if (k === 0) return [band];
  const line = chained(piecesAt(level, xs, ys, heights).map(([x0, y0, x1, y1]) => [at(x0, y0), at(x1, y1)]));
  return line === "" ? [] : [band, `<path class="line" d="${line}"/>`];
}

/** The outline of where the heights are a level or more, cell by cell; whole cells side by side are one. */
function above(level: number, xs: number[], ys: number[], heights: number[][]): string {
  return rowsOf(xs, ys, heights, (corners) => {
    if (!finite(corners) || corners.every(([, , h]) => h < level)) return undefined;
    if (corners.every(([, , h]) => h >= level)) return "whole";
    const outline = corners.flatMap((corner, c) => {
      const next = corners[(c + 1) % 4];
      const own = corner[2] >= level ? [at(corner[0], corner[1])] : [];
      if (corner[2] < level === next[2] < level) return own;
      const [x, y] = crossing(level, corner, next);
      return [...own, at(x, y)];
    });
    return closed(outline);
  });
}

/** A closed outline; most edges are level or upright, which takes one number each. */
function closed(points: readonly string[]): string {
  const edges = points.slice(1).map((point, i) => {
    const [[fromX, fromY], [x, y]] = [points[i].split(" "), point.split(" ")];
    return fromY === y ? `H${x}` : fromX === x ? `V${y}` : `L${point}`;
  });
  return `M${points[0]}${edges.join("")}Z`;
}

/** The cells with a corner that is not finite. */
const hatched = (xs: number[], ys: number[], heights: number[][]): string =>
  rowsOf(xs, ys, heights, (corners) => (finite(corners) ? undefined : "whole"));

/** The parts of all cells, where stretches of whole ones in a row are one rectangle. */
function rowsOf(
  xs: number[],
  ys: number[],
  heights: number[][],
  part: (corners: ReturnType<typeof cellOf>) => "whole" | undefined | string,
): string {
  const parts: string[] = [];
  for (let j = 0; j + 1 < ys.length; j++) {
    let start = -1;
    for (let i = 0; i < xs.length; i++) {
      const here = i + 1 < xs.length ? part(cellOf(xs, ys, heights, i, j)) : undefined;
      if (here === "whole" && start < 0) start = i;
      if (here !== "whole" && start >= 0) {
        const ends = [at(xs[start], ys[j]), at(xs[i], ys[j]), at(xs[i], ys[j + 1]), at(xs[start], ys[j + 1])];
        parts.push(closed(ends));
        start = -1;
      }
      if (here !== undefined && here !== "whole") parts.push(here);
    }
  }
  return parts.join("");
}

function trajectory(
  path: readonly (readonly [number, number])[],
  px: (x: number) => number,
  py: (y: number) => number,
): string[] {
  if (path.length === 0) return [];
  const [startX, startY] = path[0];
  const d = `M${path.map(([a, b]) => at(px(a), py(b))).join("L")}`;
  return [
    `<path class="halo" d="${d}"/><path class="track" d="${d}"/>`,
    ...path.slice(1).map(([a, b]) => circle("spot", px(a), py(b), 2.5)),
    circle("halo", px(startX), py(startY), 6),
    circle("mark", px(startX), py(startY), 6),
  ];
}

const circle = (name: string, x: number, y: number, r: number): string => {
  const [cx, cy] = at(x, y).split(" ");
  return `<circle class="${name}" cx="${cx}" cy="${cy}" r="${r}"/>`;
};

const cross = (x: number, y: number): string => {
  const d = `M${at(x - 6, y)}h12M${at(x, y - 6)}v12`;
  return `<path class="halo" d="${d}"/><path class="mark" d="${d}"/>`;
};

function colourBar({ levels, top, loss }: Scale): string[] {
  const y = (k: number): number => TOP + MAP_WIDTH - (k / BANDS) * MAP_WIDTH;
  return [
    ...levels.map(
      (_, k) =>
        `<rect class="b${k}" x="${BAR}" y="${y(k + 1).toFixed(1)}" width="${BAR_WIDTH}" height="${(MAP_WIDTH / BANDS).toFixed(1)}"/>`,
    ),
    frame(BAR, TOP, BAR_WIDTH, MAP_WIDTH),
    ...[...levels, top].flatMap((level, k) =>
      k % 2 === 0 ? [text(BAR + BAR_WIDTH + 5, y(k) + 4, tick(Number(loss(level).toPrecision(2))))] : [],
    ),
    text(BAR, TOP - 12, "loss", 'class="quiet"'),
  ];
}

function checkSurface(surface: unknown): asserts surface is LossSurface {
  const given = surface as LossSurface | null;
  const whole =
    typeof given === "object" && given !== null && [given.alphas, given.betas, given.losses].every(Array.isArray);
  if (!whole) throw typeError("surface", "what lossSurface returns", surface);
  const { alphas, betas, losses } = given;
  if (losses.length !== betas.length || losses.some((row) => row.length !== alphas.length))
    throw rangeError("surface.losses", `${betas.length} rows of ${alphas.length} losses`, losses);
}

function checkPath(path: unknown): void {
  const points =
    Array.isArray(path) &&
    path.every((point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite));
  if (!points) throw typeError("path", "an array of points [alpha, beta], finite numbers", path);
}
