/** The terrain below a plane: heights log(1 + f - f*) as bands, and lines between them. Once for each surface and window. */
import { contours } from "../../../landscape/contours.js";
import type { Landscape } from "../../../landscape/index.js";
import type { Palette } from "./palette.js";
import type { Pen } from "./pen.js";

export type Window = readonly [x0: number, x1: number, y0: number, y1: number];

export interface Relief {
  readonly window: Window;
  readonly nodes: number;
  /** log(1 + f - f*), row by row from y0 up. */
  readonly heights: Float32Array;
  readonly top: number;
  /** The ends x0, y0, x1, y1 of the pieces of each line. */
  readonly lines: readonly (readonly number[])[];
}

const NODES = 141;
const LEVELS = 18;
/** Every so many lines one is drawn stronger, as on maps. */
const INDEX = 5;
const cache = new Map<string, Relief>();

/** What is shown of a surface: its domain, at least as wide as high; of Ackley's the part around the cone. */
export function windowOf({ name, domain: [[x0, x1], [y0, y1]] }: Landscape): Window {
  if (name === "ackley") return [-5, 5, -5, 5];
  const wider = Math.max(0, (y1 - y0 - (x1 - x0)) / 2);
  return [x0 - wider, x1 + wider, y0, y1];
}

export function reliefOf(landscape: Landscape, window: Window): Relief {
  const key = `${landscape.name} ${window.join()}`;
  const known = cache.get(key);
  if (known) return known;
  const [x0, x1, y0, y1] = window;
  const values = new Float64Array(NODES * NODES);
  let least = landscape.minima[0]?.value ?? Number.POSITIVE_INFINITY;
  for (let j = 0, k = 0; j < NODES; j++) {
    const y = y0 + ((y1 - y0) * j) / (NODES - 1);
    for (let i = 0; i < NODES; i++, k++) {
      values[k] = landscape.f([x0 + ((x1 - x0) * i) / (NODES - 1), y]);
      least = Math.min(least, values[k]);
    }
  }
  const heights = Float32Array.from(values, (value) => Math.log1p(Math.max(0, value - least)));
  const top = heights.reduce((a, b) => Math.max(a, b), 1e-9);
  const { minima, evaluator } = landscape;
  const domain = [[x0, x1] as const, [y0, y1] as const];
  const lines = contours({ domain, minima, evaluator }, LEVELS, NODES).map(({ pieces }) => pieces.flat());
  const made = { window, nodes: NODES, heights, top, lines };
  if (cache.size >= 40) cache.delete(cache.keys().next().value!);
  cache.set(key, made);
  return made;
}

/** Paints the bands over a canvas, one tone for each: the tones of the floor and of the heights, and those between. */
export function paintBands(context: CanvasRenderingContext2D, relief: Relief, palette: Palette): void {
  const { width, height } = context.canvas;
  if (width === 0 || height === 0) return;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const tones = Array.from({ length: LEVELS + 1 }, (_, band) => toneOf(palette, band / LEVELS));
  const { nodes, heights, top } = relief;
  for (let row = 0, k = 0; row < height; row++) {
    const v = ((height - 0.5 - row) / height) * (nodes - 1);
    const j = Math.max(0, Math.min(nodes - 2, Math.floor(v)));
    const below = j * nodes;
    const fy = v - j;
    for (let column = 0; column < width; column++, k++) {
      const u = ((column + 0.5) / width) * (nodes - 1);
      const i = Math.min(nodes - 2, Math.floor(u));
      const fx = u - i;
      const at = below + i;
      const low = heights[at] + fx * (heights[at + 1] - heights[at]);
      const high = heights[at + nodes] + fx * (heights[at + nodes + 1] - heights[at + nodes]);
      // Lines stand at (k + ½) / LEVELS of the top: a band lies between two of them.
      const band = Math.round(((low + fy * (high - low)) / top) * LEVELS);
      pixels[k] = tones[Math.max(0, Math.min(LEVELS, band))];
    }
  }
  context.putImageData(image, 0, 0);
}

/** A tone as the four bytes of a pixel, red first. */
function toneOf({ floor, height }: Palette, share: number): number {
  const [r, g, b] = floor.map((from, i) => Math.round(from + share * (height[i] - from)));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** Draws the lines; the pen's coordinates come from those of the surface. */
export function drawLines(
  pen: Pen,
  relief: Relief,
  px: (x: number) => number,
  py: (y: number) => number,
  palette: Palette,
): void {
  for (const [k, ends] of relief.lines.entries()) {
    const strong = k % INDEX === INDEX - 1;
    const at = ends.map((each, i) => (i % 2 === 0 ? px(each) : py(each)));
    pen.segments(at, { colour: strong ? palette.index : palette.contour, width: strong ? 1 : 0.75 });
  }
}
