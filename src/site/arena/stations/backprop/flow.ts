/** The network as a drawing: activities run to the right, blame to the left; the width of a line is its size. */
import type { CanvasPen } from "../../draw/canvasPen.js";
import type { Palette } from "../../draw/palette.js";
import { type Pen, textWidth } from "../../draw/pen.js";
import { short } from "../../draw/scale.js";
import { Figure } from "../../figures/figure.js";
import type { Passed } from "./network.js";

export interface FlowScene {
  readonly passed: Passed;
  readonly weights: readonly number[];
  readonly inputs: readonly number[];
  readonly target: number;
  /** Whether blame is drawn, or activities. */
  readonly back: boolean;
}

export class ArenaFlow extends Figure {
  #scene: FlowScene | undefined;

  constructor() {
    super(1);
  }

  set scene(scene: FlowScene) {
    this.#scene = scene;
    this.setAttribute("role", "img");
    const { output, error, blame } = scene.passed;
    const said = `output ${short(output)}, error ${short(error)}, blame of the hidden units ${short(blame[0])} and ${short(blame[1])}`;
    this.setAttribute("aria-label", `Two inputs, two hidden units, one output: ${said}`);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    return Math.max(280, Math.min(400, width * 0.62));
  }

  protected override paint([pen]: readonly CanvasPen[], palette: Palette): void {
    if (this.#scene === undefined) return;
    pen.context.clearRect(0, 0, this.wide, this.high);
    draw(pen, this.#scene, this.wide, this.high, palette);
  }

  override drawOn(pen: Pen, width: number, palette: Palette): number {
    const height = this.heightFor(width);
    draw(pen, this.#scene!, width, height, palette);
    return height;
  }
}

/** The radius of a unit. */
const DISC = 29;

function draw(pen: Pen, scene: FlowScene, width: number, height: number, palette: Palette): void {
  const { passed, weights, inputs, target, back } = scene;
  const [left, middle, right] = [34, width * 0.5, width - 36];
  const rows = [height * 0.27, height * 0.73];
  const { hidden, output, blame, slopes } = passed;
  const colour = palette.series[back ? 0 : 1];
  const edges = [0, 1, 2, 3].map((k) => {
    const [i, j] = [k >> 1, k & 1];
    return {
      x0: left,
      y0: rows[i],
      x1: middle,
      y1: rows[j],
      value: back ? slopes[k] : weights[k] * inputs[i],
      crosses: i !== j,
    };
  });
  for (const j of [0, 1])
    edges.push({
      x0: middle,
      y0: rows[j],
      x1: right,
      y1: height / 2,
      value: back ? slopes[6 + j] : weights[6 + j] * hidden[j],
      crosses: false,
    });
  const most = edges.reduce((sum, { value }) => Math.max(sum, Math.abs(value)), 1e-9);
  for (const { x0, y0, x1, y1, value } of edges)
    pen.line([x0, y0, x1, y1], { colour, width: 1 + (7 * Math.abs(value)) / most, dash: value < 0 ? [7, 4] : [] });
  for (const { x0, y0, x1, y1, value, crosses } of edges) {
    const words = { colour: palette.ink, size: 12, halo: palette.paper };
    const number = short(value, 3);
    const below = y0 > height / 2;
    // Those that cross carry their number beside where they start, off the crossing; those of the lower half below.
    if (crosses) {
      pen.text(x0 + (x1 - x0) * 0.3 + 9, y0 + (y1 - y0) * 0.3 + (below ? 8 : 1), number, words);
      continue;
    }
    const slope = Math.abs((y1 - y0) / (x1 - x0));
    const clear = 7 + (3.5 * Math.abs(value)) / most + (slope * textWidth(number)) / 2;
    const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
    pen.text(x, below ? y + clear + 8 : y - clear, number, { ...words, anchor: "middle" });
  }
  const units: [number, number, string, number][] = [
    ...inputs.map((value, i): [number, number, string, number] => [left, rows[i], `x${"₁₂"[i]}`, value]),
    ...hidden.map((value, j): [number, number, string, number] => [
      middle,
      rows[j],
      `h${"₁₂"[j]}`,
      back ? blame[j] : value,
    ]),
    [right, height / 2, back ? "δ" : "y", back ? blame[2] : output],
  ];
  for (const [x, y, name, value] of units) {
    pen.disc(x, y, DISC, palette.paper, { colour: palette.ink, width: 1.5 });
    pen.text(x, y - 3, back && x === middle ? name.replace("h", "δ") : name, {
      colour: palette.quiet,
      size: 11,
      anchor: "middle",
    });
    pen.text(x, y + 12, short(value, 3), { colour: palette.ink, size: 12, anchor: "middle", bold: true });
  }
  pen.text(
    2,
    14,
    back ? "← error by each weight, blame δ of each unit" : "activities and what each weight passes on →",
    { colour: palette.ink, size: 12 },
  );
  pen.text(width - 2, height / 2 + DISC + 18, `target ${short(target)}`, {
    colour: palette.quiet,
    size: 12,
    anchor: "end",
  });
}
