/** One step under a lens: where momentum leads, and the two corrections from there. */
import type { CanvasPen } from "../../draw/canvasPen.js";
import { colourOf, dashOf, type Palette } from "../../draw/palette.js";
import { arrow, marker, type Pen, textWidth } from "../../draw/pen.js";
import { Figure } from "../../figures/figure.js";
import type { LookAhead } from "./lookAhead.js";

export interface LensScene {
  readonly step: LookAhead;
  readonly label: string;
}

const MARGIN = 44;

export class ArenaLens extends Figure {
  #scene: LensScene | undefined;

  constructor() {
    super(1);
  }

  set scene(scene: LensScene) {
    this.#scene = scene;
    this.setAttribute("aria-label", scene.label);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    return Math.max(210, Math.min(280, width * 0.44));
  }

  protected override ready(): void {
    this.setAttribute("role", "img");
  }

  protected override paint([pen]: readonly CanvasPen[], palette: Palette): void {
    pen.context.clearRect(0, 0, this.wide, this.high);
    if (this.#scene) draw(pen, this.#scene.step, this.wide, this.high, palette);
  }

  override drawOn(pen: Pen, width: number, palette: Palette): number {
    const height = Math.round(this.heightFor(width));
    draw(pen, this.#scene!.step, width, height, palette);
    return height;
  }
}

/** Pixels by which two arrows from a point move apart, where they would cover each other. */
function alongside(from: readonly number[], a: readonly number[], b: readonly number[]): [number, number] {
  const [ax, ay, bx, by] = [a[0] - from[0], a[1] - from[1], b[0] - from[0], b[1] - from[1]];
  const sizes = Math.hypot(ax, ay) * Math.hypot(bx, by);
  if (ax * bx + ay * by < 0.99 * sizes || !(sizes > 0)) return [0, 0];
  const length = Math.hypot(ax, ay);
  return [(-3.5 * ay) / length, (3.5 * ax) / length];
}

function draw(pen: Pen, { from, ahead, to, plain }: LookAhead, width: number, height: number, palette: Palette): void {
  // Momentum's end: the jump, and then the step that the gradient at θ makes.
  const other = ahead.map((each, i) => each + plain[i] - from[i]);
  const points = [from, ahead, to, other];
  const ends = [0, 1].map((axis) => {
    const [p, q, r, s] = points.map((point) => point[axis]);
    return [Math.min(p, q, r, s), Math.max(p, q, r, s)];
  });
  const [spanX, spanY] = ends.map(([low, high]) => high - low);
  const scale = Math.min((width - 2 * MARGIN) / spanX, (height - 2 * MARGIN) / spanY);
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return;
  const px = (x: number): number => width / 2 + (x - (ends[0][0] + ends[0][1]) / 2) * scale;
  const py = (y: number): number => height / 2 - (y - (ends[1][0] + ends[1][1]) / 2) * scale;
  const at = points.map(([x, y]) => [px(x), py(y)]);
  const [a, ghost, b, c] = at;
  arrow(pen, a[0], a[1], ghost[0], ghost[1], { colour: palette.quiet, width: 2, dash: [3, 4] }, palette.paper);
  // Corrections along one line stand side by side.
  const aside = alongside(ghost, b, c);
  for (const [end, series, side] of [
    [c, 1, -1],
    [b, 0, 1],
  ] as const)
    arrow(
      pen,
      ghost[0] + side * aside[0],
      ghost[1] + side * aside[1],
      end[0] + side * aside[0],
      end[1] + side * aside[1],
      { colour: colourOf(palette, series), width: 2, dash: dashOf(series) },
      palette.paper,
    );
  marker(pen, "circle", a[0], a[1], 5, palette.ink, palette.paper);
  marker(pen, "ring", ghost[0], ghost[1], 7, palette.quiet, palette.paper);
  const [above, below] = [-11, 21];
  const up = ghost[1] < a[1];
  const halo = palette.paper;
  pen.text(a[0], a[1] + (up ? below : above), "θ", { colour: palette.ink, halo, anchor: "middle" });
  // Its name stands where no correction goes.
  const down = b[1] + c[1] > 2 * ghost[1];
  pen.text(ghost[0], ghost[1] + (down ? above : below), "look-ahead", {
    colour: palette.quiet,
    halo,
    anchor: "middle",
  });
  // Names stand beyond their arrows, where there is room; the lower one gives way.
  const names = [
    { at: [b[0] + aside[0], b[1]], text: "Nesterov", series: 0 },
    { at: [c[0] - aside[0], c[1]], text: "momentum", series: 1 },
  ].sort((p, q) => p.at[1] - q.at[1]);
  let free = 14;
  for (const {
    at: [x, y],
    text,
    series,
  } of names) {
    const room = textWidth(text) + 16;
    const right = x >= ghost[0] ? x + room < width : x - room < 0;
    const row = Math.min(height - 4, Math.max(free, y + 4));
    free = row + 15;
    pen.text(x + (right ? 10 : -10), row, text, {
      colour: colourOf(palette, series),
      halo,
      anchor: right ? "start" : "end",
    });
  }
}
