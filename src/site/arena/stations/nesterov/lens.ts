/** One step under a lens: where momentum leads, and the two corrections from there. */
import { greatest, least } from "../../../../extremes.js";
import type { CanvasPen } from "../../draw/canvasPen.js";
import { colourOf, dashOf, type Palette } from "../../draw/palette.js";
import { arrow, marker, type Pen } from "../../draw/pen.js";
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

function draw(pen: Pen, { from, ahead, to, plain }: LookAhead, width: number, height: number, palette: Palette): void {
  // Momentum's end: the jump, and then the step that the gradient at θ makes.
  const other = ahead.map((each, i) => each + plain[i] - from[i]);
  const points = [from, ahead, to, other];
  const ends = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    return [least(values), greatest(values)];
  });
  const [spanX, spanY] = ends.map(([low, high]) => high - low);
  const scale = Math.min((width - 2 * MARGIN) / spanX, (height - 2 * MARGIN) / spanY);
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) return;
  const px = (x: number): number => width / 2 + (x - (ends[0][0] + ends[0][1]) / 2) * scale;
  const py = (y: number): number => height / 2 - (y - (ends[1][0] + ends[1][1]) / 2) * scale;
  const at = points.map(([x, y]) => [px(x), py(y)]);
  const [a, ghost, b, c] = at;
  arrow(pen, a[0], a[1], ghost[0], ghost[1], { colour: palette.quiet, width: 2, dash: [3, 4] }, palette.paper);
  for (const [end, series] of [
    [c, 0],
    [b, 1],
  ] as const)
    arrow(
      pen,
      ghost[0],
      ghost[1],
      end[0],
      end[1],
      { colour: colourOf(palette, series), width: 2, dash: dashOf(series) },
      palette.paper,
    );
  marker(pen, "circle", a[0], a[1], 5, palette.ink, palette.paper);
  marker(pen, "ring", ghost[0], ghost[1], 7, palette.quiet, palette.paper);
  const names = [
    { at: ghost, text: "look-ahead", colour: palette.quiet },
    { at: b, text: "Nesterov", colour: colourOf(palette, 1) },
    { at: c, text: "momentum", colour: colourOf(palette, 0) },
  ];
  pen.text(a[0], a[1] - 11, "θ", { colour: palette.ink, halo: palette.paper, anchor: "middle" });
  // Words that would lie upon each other move down in their order; those near an edge stand on the other side.
  const rows: number[] = [];
  for (const {
    at: [x, y],
    text,
    colour,
  } of [...names].sort((p, q) => p.at[1] - q.at[1])) {
    let row = Math.max(14, y + 4);
    while (rows.some((each) => Math.abs(each - row) < 15)) row += 3;
    rows.push(row);
    const left = x > width * 0.6;
    pen.text(x + (left ? -12 : 12), Math.min(row, height - 4), text, {
      colour,
      halo: palette.paper,
      anchor: left ? "end" : "start",
    });
  }
}
