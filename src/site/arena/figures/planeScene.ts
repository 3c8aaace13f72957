/** What a plane shows, and how it is drawn on any pen. */
import type { Landscape } from "../../../landscape/index.js";
import { CanvasPen } from "../draw/canvasPen.js";
import { colourOf, dashOf, markerOf, type Palette } from "../draw/palette.js";
import { arrow, marker, type Pen } from "../draw/pen.js";
import { linearScale, short } from "../draw/scale.js";
import { drawLines, type Relief, type Window } from "../draw/terrain.js";

export interface Trail {
  readonly label: string;
  /** Which colour, dash and marker. */
  readonly series: number;
  readonly path: readonly (readonly number[])[];
  /** Drawn thin and without a head, as what is compared with. */
  readonly ghost?: boolean;
}

export interface Arrow {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly label: string;
  readonly series: number;
}

/** A step of a trail: what the pointer is near, in this figure or in another. */
export interface Hit {
  readonly series: number;
  readonly step: number;
}

export interface PlaneScene {
  readonly landscape: Landscape;
  readonly window?: Window;
  readonly trails: readonly Trail[];
  /** The step up to which trails are drawn; all, if absent. */
  readonly shown?: number;
  readonly hover?: Hit | undefined;
  readonly arrows?: readonly Arrow[];
  /** Points with a label, such as saddles. */
  readonly marks?: readonly { readonly point: readonly number[]; readonly label: string }[];
  readonly start?: readonly number[];
  /** What the start is called. Default "Start". */
  readonly startLabel?: string;
  readonly onStart?: (point: [number, number]) => void;
  readonly onHover?: (hit: Hit | undefined) => void;
  /** Draws more, above the trails: an ellipse of curvature, a cloud of gradients. */
  readonly overlay?: (pen: Pen, view: PlaneView, palette: Palette) => void;
  /** What the figure shows, for readers of screens. */
  readonly label: string;
}

/** From the coordinates of the surface to pixels. */
export interface PlaneView {
  readonly width: number;
  readonly height: number;
  px(x: number): number;
  py(y: number): number;
}

const far = (x: number): number => Math.max(-4000, Math.min(4000, x));

export function planeView([x0, x1, y0, y1]: Window, width: number, height: number): PlaneView {
  return {
    width,
    height,
    px: (x) => far(((x - x0) / (x1 - x0)) * width),
    py: (y) => far(height - ((y - y0) / (y1 - y0)) * height),
  };
}

/** Lines of the terrain, its minima, and its coordinates along the edges, as on maps. */
export function drawGround(
  pen: Pen,
  { landscape, marks = [] }: PlaneScene,
  relief: Relief,
  view: PlaneView,
  palette: Palette,
): void {
  drawLines(pen, relief, view.px, view.py, palette);
  const [x0, x1, y0, y1] = relief.window;
  const words = { colour: palette.quiet, size: 11, halo: palette.casing };
  const most = Math.max(3, Math.min(6, Math.floor(view.width / 64)));
  for (const { value, label } of linearScale(x0, x1, most).ticks) {
    const x = view.px(value);
    if (x < 34 || x > view.width - 14) continue;
    pen.line([x, view.height, x, view.height - 5], { colour: palette.quiet, width: 1 });
    pen.text(x, view.height - 9, label, { ...words, anchor: "middle" });
  }
  for (const { value, label } of linearScale(y0, y1, most).ticks) {
    const y = view.py(value);
    if (y < 14 || y > view.height - 22) continue;
    pen.line([0, y, 5, y], { colour: palette.quiet, width: 1 });
    pen.text(9, y + 4, label, words);
  }
  for (const { point } of landscape.minima) {
    const [x, y] = [view.px(point[0]), view.py(point[1])];
    for (const stroke of [
      { colour: palette.casing, width: 5 },
      { colour: palette.ink, width: 1.75 },
    ])
      pen.segments([x - 6, y, x + 6, y, x, y - 6, x, y + 6], stroke);
  }
  for (const { point, label } of marks) {
    const [x, y] = [view.px(point[0]), view.py(point[1])];
    pen.disc(x, y, 2.5, palette.ink, { colour: palette.casing, width: 1.5 });
    const left = x > view.width - 90; // words stay within the picture
    pen.text(x + (left ? -7 : 7), y + 4, label, { ...words, anchor: left ? "end" : "start" });
  }
}

/** Steps of a trail, from one to another, over its casing. */
export function drawTrail(
  pen: Pen,
  { path, series, ghost }: Trail,
  from: number,
  to: number,
  view: PlaneView,
  palette: Palette,
): void {
  const end = Math.min(path.length - 1, to);
  if (end <= from) return;
  const points: number[] = [];
  for (let step = from; step <= end; step++) points.push(view.px(path[step][0]), view.py(path[step][1]));
  const stroke = { colour: colourOf(palette, series), width: ghost ? 1.25 : 2.25, dash: ghost ? [2, 4] : [] };
  pen.line(points, stroke);
  if (ghost || !(pen instanceof CanvasPen)) return;
  // Below all trails, so that what is added later does not nibble at them.
  pen.context.globalCompositeOperation = "destination-over";
  pen.line(points, { colour: palette.casing, width: 4.5 });
  pen.context.globalCompositeOperation = "source-over";
}

export function drawHeads(pen: Pen, scene: PlaneScene, view: PlaneView, palette: Palette): void {
  const { trails, shown = Number.POSITIVE_INFINITY, hover, arrows = [] } = scene;
  scene.overlay?.(pen, view, palette);
  for (const { path, series, ghost } of [...trails].reverse()) {
    if (ghost) continue;
    const [x, y] = path[Math.min(path.length - 1, shown)];
    marker(pen, markerOf(series), view.px(x), view.py(y), 5, colourOf(palette, series), palette.casing);
  }
  const named: [x: number, y: number][] = [];
  for (const { from, to, label, series } of arrows) {
    const stroke = { colour: colourOf(palette, series), width: 2, dash: dashOf(series) };
    const [x, y] = [view.px(to[0]), view.py(to[1])];
    arrow(pen, view.px(from[0]), view.py(from[1]), x, y, stroke, palette.casing);
    const right = x >= view.px(from[0]);
    const inside = right ? x < view.width - 80 : x < 80;
    // Names of arrows that lie close together stand below one another.
    let row = Math.max(14, Math.min(view.height - 8, y + 4));
    const taken = ([otherX, other]: [number, number]): boolean =>
      Math.abs(otherX - x) < 70 && Math.abs(other - row) < 15;
    const by = row < view.height / 2 ? 15 : -15;
    while (named.some(taken)) row += by;
    named.push([x, row]);
    pen.text(x + (inside ? 7 : -7), row, label, {
      colour: palette.ink,
      halo: palette.casing,
      anchor: inside ? "start" : "end",
    });
  }
  const trail = hover && trails.find(({ series }) => series === hover.series);
  if (hover === undefined || trail === undefined) return;
  const at = trail.path[Math.min(trail.path.length - 1, hover.step)];
  const [x, y] = [view.px(at[0]), view.py(at[1])];
  pen.disc(x, y, 8, undefined, { colour: palette.casing, width: 5 });
  pen.disc(x, y, 8, undefined, { colour: palette.ink, width: 2 });
  if (arrows.length > 0) return;
  const left = x > view.width - 130;
  pen.text(x + (left ? -13 : 13), Math.max(16, y - 8), `${trail.label}, step ${short(hover.step)}`, {
    colour: palette.ink,
    halo: palette.casing,
    bold: true,
    anchor: left ? "end" : "start",
  });
}
