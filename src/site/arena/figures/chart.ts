/** Curves over steps, or over anything else: labels stand at the ends of lines, and the pointer is shared with other figures. */
import type { CanvasPen } from "../draw/canvasPen.js";
import { colourOf, dashOf, type Palette } from "../draw/palette.js";
import { type Pen, textWidth } from "../draw/pen.js";
import { linearScale, logScale, type Scale, short } from "../draw/scale.js";
import { say } from "../parts/announce.js";
import { Figure } from "./figure.js";
import type { Hit } from "./planeScene.js";

export interface Curve {
  readonly label: string;
  readonly series: number;
  readonly values: ArrayLike<number>;
  /** Where each value stands; its index, if absent. */
  readonly xs?: ArrayLike<number>;
  readonly ghost?: boolean;
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly log?: boolean;
  /** Marks stand at whole numbers alone. */
  readonly whole?: boolean;
  /** Where marks stand; at round numbers, if absent. */
  readonly ticks?: readonly number[];
}

export interface ChartScene {
  readonly curves: readonly Curve[];
  readonly x: Axis;
  /** Without its ends: from the values. */
  readonly y: Pick<Axis, "label" | "log"> & Partial<Axis>;
  /** The index up to which curves are drawn; all, if absent. */
  readonly shown?: number;
  readonly hover?: Hit | undefined;
  readonly onHover?: (hit: Hit | undefined) => void;
  /** Points below the curves, as of data; those that are strong stand out. */
  readonly dots?: readonly { readonly x: number; readonly y: number; readonly strong?: boolean }[];
  /** Lines across at a value of x or of y, with a label. */
  readonly marks?: readonly { readonly x?: number; readonly y?: number; readonly label: string }[];
  readonly label: string;
  /** Height over width. Default 0.62, at least 200 pixels. */
  readonly shape?: number;
}

const TOP = 26;
const BOTTOM = 36;
const LEFT = 48;
const ROW = 14;

interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

export class ArenaChart extends Figure {
  #scene: ChartScene | undefined;
  #base = "";
  #frame: Frame | undefined;

  constructor() {
    super(2);
  }

  set scene(scene: ChartScene) {
    const before = this.#scene;
    this.#scene = scene;
    if (before === undefined || before.curves !== scene.curves || before.x !== scene.x || before.y !== scene.y)
      this.#base = "";
    this.setAttribute("aria-label", scene.label);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    return Math.max(200, width * (this.#scene?.shape ?? 0.62));
  }

  protected override ready(): void {
    this.setAttribute("role", "group");
    this.tabIndex = 0;
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("pointermove", (event) => {
      const { onHover, curves, shown = Number.POSITIVE_INFINITY } = this.#scene ?? {};
      const frame = this.#frame;
      if (onHover === undefined || curves === undefined || frame === undefined) return;
      const box = this.getBoundingClientRect();
      const at = frame.x.value((event.clientX - box.left - frame.left) / frame.width);
      const py = event.clientY - box.top;
      let found: Hit | undefined;
      let least = Number.POSITIVE_INFINITY;
      for (const curve of curves) {
        const step = indexNear(curve, at);
        if (curve.ghost || step > shown || step < 0 || step >= curve.values.length) continue;
        const apart = Math.abs(yAt(frame, curve.values[step]) - py);
        if (apart < least) {
          least = apart;
          found = { series: curve.series, step };
        }
      }
      onHover(found);
    });
    this.addEventListener("pointerleave", () => this.#scene?.onHover?.(undefined));
  }

  /** Left and right go from value to value, up and down from curve to curve; each is said. */
  #key(event: KeyboardEvent): void {
    const { curves = [], onHover, hover, shown = Number.POSITIVE_INFINITY } = this.#scene ?? {};
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const live = curves.filter(({ ghost }) => !ghost);
    if (way === undefined || onHover === undefined || live.length === 0) return;
    event.preventDefault();
    const now = live.findIndex(({ series }) => series === hover?.series);
    const curve = live[(Math.max(0, now) + way[1] + live.length) % live.length];
    const last = Math.min(curve.values.length - 1, Math.floor(shown));
    const by = way[0] * (event.shiftKey ? 10 : 1);
    const step = Math.max(0, Math.min(last, (hover?.step ?? last) + by));
    onHover({ series: curve.series, step });
    const { x, y } = this.#scene!;
    say(`${curve.label}, ${x.label} ${short(curve.xs?.[step] ?? step)}: ${y.label} ${short(curve.values[step])}`);
  }

  protected override paint([below, above]: readonly CanvasPen[], palette: Palette): void {
    const scene = this.#scene;
    if (scene === undefined) return;
    // Once for all frames of a run: the ends of an axis are found among all values of all curves.
    const frame = this.#base === this.look && this.#frame ? this.#frame : frameOf(scene, this.wide, this.high);
    this.#frame = frame;
    if (this.#base !== this.look) {
      this.#base = this.look;
      below.context.clearRect(0, 0, this.wide, this.high);
      drawAxes(below, scene, frame, palette);
    }
    above.context.clearRect(0, 0, this.wide, this.high);
    drawCurves(above, scene, frame, palette);
  }

  /** The scene on any pen. */
  override drawOn(pen: Pen, width: number, palette: Palette): number {
    const scene = this.#scene!;
    const height = Math.round(this.heightFor(width));
    const frame = frameOf(scene, width, height);
    drawAxes(pen, scene, frame, palette);
    drawCurves(pen, scene, frame, palette);
    return height;
  }
}

function frameOf({ curves, x, y }: ChartScene, width: number, height: number): Frame {
  const longest = curves.reduce((most, { label, ghost }) => (ghost ? most : Math.max(most, textWidth(label))), 0);
  // Room for the names, or for the half of a mark at the end of the axis.
  const right = Math.min(width * 0.4, Math.max(14 + longest, textWidth(short(x.to)) / 2 + 2));
  const [from, to] = rangeOf(curves, y);
  const across = width - LEFT - right;
  const down = height - TOP - BOTTOM;
  const scale = (log: boolean | undefined, a: number, b: number, most: number, whole = false): Scale =>
    log ? logScale(a, b, most) : linearScale(a, b, whole ? Math.min(most, b - a) : most);
  const along = scale(x.log, x.from, x.to, Math.max(2, Math.floor(across / 64)), x.whole);
  return {
    x: x.ticks ? { ...along, ticks: x.ticks.map((value) => ({ value, label: short(value) })) } : along,
    y: scale(y.log, from, to, Math.max(3, Math.floor(down / 34))),
    left: LEFT,
    width: across,
    height: down,
  };
}

/** The ends of the y axis: those given, or those of the values, a logarithmic one in whole decades. */
function rangeOf(curves: readonly Curve[], { from, to, log }: ChartScene["y"]): [number, number] {
  if (from !== undefined && to !== undefined) return [from, to];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { values } of curves) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) [low, high] = [log ? 0.1 : 0, 1];
  if (log) return [from ?? 10 ** Math.floor(Math.log10(low)), to ?? 10 ** Math.ceil(Math.log10(high) + 1e-9)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [from ?? low - room, to ?? high + room];
}

const indexNear = ({ xs, values }: Curve, at: number): number => {
  if (xs === undefined) return Math.round(at);
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(xs[i] - at) < Math.abs(xs[best] - at)) best = i;
  return best;
};
const xAt = ({ x, left, width }: Frame, value: number): number => left + Math.max(-2, Math.min(3, x.at(value))) * width;
const yAt = ({ y, height }: Frame, value: number): number =>
  TOP + height - Math.max(-2, Math.min(3, y.at(value))) * height;

function drawAxes(pen: Pen, { x, y }: ChartScene, frame: Frame, palette: Palette): void {
  const { left, width, height } = frame;
  const words = { colour: palette.quiet, size: 11 };
  for (const { value, label } of frame.y.ticks) {
    const at = yAt(frame, value);
    pen.line([left, at, left + width, at], { colour: palette.rule, width: 1 });
    pen.text(left - 8, at + 4, label, { ...words, anchor: "end" });
  }
  for (const { value, label } of frame.x.ticks) {
    const at = xAt(frame, value);
    pen.line([at, TOP + height, at, TOP + height + 4], { colour: palette.quiet, width: 1 });
    pen.text(at, TOP + height + 17, label, { ...words, anchor: "middle" });
  }
  pen.line([left, TOP + height, left + width, TOP + height], { colour: palette.quiet, width: 1 });
  pen.text(2, 13, y.label, { colour: palette.ink, size: 12 });
  pen.text(left + width, TOP + height + 32, x.label, { colour: palette.ink, size: 12, anchor: "end" });
}

function drawCurves(pen: Pen, scene: ChartScene, frame: Frame, palette: Palette): void {
  const { curves, hover, marks = [] } = scene;
  const { left, width, height } = frame;
  const shown = Math.min(scene.shown ?? Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER);
  const ends: { y: number; label: string; series: number }[] = [];
  let front = left; // while a run is played, names go along with it
  pen.within(left - 2, TOP - 2, width + 4, height + 4, () => {
    for (const { x, y, strong } of scene.dots ?? [])
      pen.disc(xAt(frame, x), yAt(frame, y), strong ? 3.5 : 2, strong ? palette.ink : palette.index);
    for (const curve of curves) {
      const { series, ghost } = curve;
      const points = pointsOf(curve, shown, frame);
      const colour = colourOf(palette, series);
      pen.line(points, { colour, width: ghost ? 1.25 : 2, dash: ghost ? [2, 4] : dashOf(series) });
      if (ghost || points.length === 0) continue;
      front = Math.min(left + width, Math.max(front, points.at(-2)!));
      ends.push({ y: Math.max(TOP + 4, Math.min(TOP + height, points.at(-1)!)), label: curve.label, series });
    }
  });
  drawLabels(pen, ends, front + 8, TOP + height, palette);
  for (const mark of marks) {
    const across = mark.y !== undefined;
    const at = across ? yAt(frame, mark.y!) : xAt(frame, mark.x!);
    if (across ? at < TOP || at > TOP + height : at < left || at > left + width) continue;
    const ends = across ? [left, at, left + width, at] : [at, TOP, at, TOP + height];
    pen.line(ends, { colour: palette.quiet, width: 1, dash: [3, 3] });
    const words = { colour: palette.quiet, size: 11, halo: palette.paper };
    if (across) pen.text(left + 6, at - 4, mark.label, words);
    else
      pen.text(at + (at > left + width * 0.7 ? -5 : 5), TOP + 8, mark.label, {
        ...words,
        anchor: at > left + width * 0.7 ? "end" : "start",
      });
  }
  const curve = hover && curves.find(({ series, ghost }) => series === hover.series && !ghost);
  if (hover === undefined || curve === undefined || curve.values.length === 0) return;
  const step = Math.min(curve.values.length - 1, hover.step);
  const [px, py] = [xAt(frame, curve.xs?.[step] ?? step), yAt(frame, curve.values[step])];
  pen.line([px, TOP, px, TOP + height], { colour: palette.quiet, width: 1 });
  if (py < TOP - 2 || py > TOP + height + 2) return;
  pen.disc(px, py, 4.5, colourOf(palette, curve.series), { colour: palette.paper, width: 2 });
  const before = px > left + width * 0.6;
  pen.text(px + (before ? -9 : 9), Math.max(TOP + 10, py - 8), short(curve.values[step]), {
    colour: palette.ink,
    bold: true,
    halo: palette.paper,
    anchor: before ? "end" : "start",
  });
}

/** Points of a curve in pixels, no more than two for each pixel across; a logarithmic axis has most of its steps at its end. */
function pointsOf({ values, xs }: Curve, shown: number, frame: Frame): number[] {
  const count = Math.min(values.length, Math.floor(shown) + 1);
  const by = frame.x.log ? 1 : Math.max(1, Math.ceil(count / (2 * frame.width)));
  const points: number[] = [];
  for (let i = 0; i < count; i++) {
    if ((i % by !== 0 && i !== count - 1) || !Number.isFinite(values[i])) continue;
    const x = xAt(frame, xs?.[i] ?? i);
    if (frame.x.log && points.length > 0 && i !== count - 1 && x - points[points.length - 2] < 0.5) continue;
    points.push(x, yAt(frame, values[i]));
  }
  return points;
}

/** Names at the ends of lines, moved apart where they would overlap, and kept above the numbers of the axis below. */
export function drawLabels(
  pen: Pen,
  ends: { y: number; label: string; series: number }[],
  x: number,
  lowest: number,
  palette: Palette,
): void {
  ends.sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + ROW);
  let floor = lowest;
  for (let i = ends.length - 1; i >= 0; i--) {
    ends[i].y = Math.min(ends[i].y, floor);
    floor = ends[i].y - ROW;
  }
  for (const { y, label, series } of ends)
    pen.text(x, y + 4, label, { colour: colourOf(palette, series), halo: palette.paper });
}
