/** Hinton diagrams: each weight a square, its area the size, filled where it is positive and open where it is negative. */
import type { CanvasPen } from "../draw/canvasPen.js";
import type { Palette } from "../draw/palette.js";
import { type Pen, textWidth } from "../draw/pen.js";
import { Figure } from "./figure.js";

export interface Weights {
  readonly name: string;
  /** Row by row. */
  readonly values: ArrayLike<number>;
  readonly columns: number;
  /** The names of rows and of columns, where there is room. */
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
}

export interface HintonScene {
  readonly parts: readonly Weights[];
  readonly label: string;
  /** The most pixels of a square. Default 30. */
  readonly most?: number;
}

const [TITLE, GAP] = [22, 18];

export class ArenaHinton extends Figure {
  #scene: HintonScene | undefined;

  constructor() {
    super(1);
  }

  set scene(scene: HintonScene) {
    this.#scene = scene;
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", scene.label);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    return this.#scene ? laidOut(this.#scene, width).height : 40;
  }

  protected override paint([pen]: readonly CanvasPen[], palette: Palette): void {
    if (this.#scene === undefined) return;
    pen.context.clearRect(0, 0, this.wide, this.high);
    draw(pen, this.#scene, this.wide, palette);
  }

  override drawOn(pen: Pen, width: number, palette: Palette): number {
    draw(pen, this.#scene!, width, palette);
    return laidOut(this.#scene!, width).height;
  }
}

interface Place {
  readonly part: Weights;
  readonly top: number;
  readonly left: number;
  readonly size: number;
  readonly rows: number;
}

/** One below the other, each as large as the width allows. */
function laidOut({ parts, most = 30 }: HintonScene, width: number): { places: Place[]; height: number } {
  let top = 0;
  const places = parts.map((part) => {
    const { columns, values, rowNames = [], columnNames } = part;
    const left = rowNames.reduce((widest, name) => Math.max(widest, textWidth(name) + 8), 0);
    const size = Math.min(most, (width - left) / columns);
    const rows = values.length / columns;
    const place = { part, top: top + TITLE + (columnNames ? 16 : 0), left, size, rows };
    top = place.top + rows * size + GAP;
    return place;
  });
  return { places, height: Math.ceil(Math.max(40, top - GAP + 2)) };
}

function draw(pen: Pen, scene: HintonScene, width: number, palette: Palette): void {
  for (const { part, top, left, size, rows } of laidOut(scene, width).places) {
    const { name, values, columns, rowNames, columnNames } = part;
    pen.text(0, top - (columnNames ? 24 : 8), name, { colour: palette.ink, size: 12 });
    let largest = 1e-12;
    for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > largest) largest = Math.abs(values[i]);
    const words = { colour: palette.quiet, size: 11 };
    columnNames?.forEach((each, k) => {
      pen.text(left + (k + 0.5) * size, top - 6, each, { ...words, anchor: "middle" });
    });
    pen.area(rectangle(left, top, columns * size, rows * size), palette.rule, 0.5);
    for (let r = 0; r < rows; r++) {
      if (rowNames?.[r]) pen.text(left - 8, top + (r + 0.5) * size + 4, rowNames[r], { ...words, anchor: "end" });
      for (let c = 0; c < columns; c++) {
        const value = values[r * columns + c];
        const side = Math.max(1, size - 2) * Math.min(1, rootOf(Math.abs(value) / largest));
        if (!(side > 0.5)) continue;
        const box = rectangle(left + (c + 0.5) * size - side / 2, top + (r + 0.5) * size - side / 2, side, side);
        if (value > 0) pen.area(box, palette.series[0]);
        else {
          pen.area(box, palette.paper);
          pen.line([...box, box[0], box[1]], { colour: palette.ink, width: 1 });
        }
      }
    }
  }
}

/** The side of a square by its area. */
const rootOf = (area: number): number => area ** 0.5;
const rectangle = (x: number, y: number, w: number, h: number): number[] => [x, y, x + w, y, x + w, y + h, x, y + h];
