/** Optimizers one below the other, rates across: the sooner a rate arrives, the higher it stands. */
import type { SweptRate } from "../../../../landscape/index.js";
import type { CanvasPen } from "../../draw/canvasPen.js";
import { colourOf, type Palette } from "../../draw/palette.js";
import { marker, type Pen } from "../../draw/pen.js";
import { logScale, short } from "../../draw/scale.js";
import { Figure } from "../../figures/figure.js";
import { say } from "../../parts/announce.js";

export interface Ridge {
  readonly name: string;
  readonly swept: readonly SweptRate[];
  /** The rate of the library that it follows. */
  readonly standard: number | undefined;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface RidgesScene {
  readonly ridges: readonly Ridge[];
  readonly rates: readonly number[];
  readonly steps: number;
  readonly chosen: Cell | undefined;
  readonly label: string;
  onChoose(cell: Cell): void;
}

const [TOP, BOTTOM, SIDE] = [4, 40, 18];
/** Above its bars a row has its name, below them the mark of the default. */
const [NAME, MARK] = [20, 12];
/** The bars are higher where there is width for it. */
const highOf = (width: number): number => (width < 480 ? 34 : 42);
const rowOf = (width: number): number => NAME + highOf(width) + MARK;

export class ArenaRidges extends Figure {
  #scene: RidgesScene | undefined;

  constructor() {
    super(1);
  }

  set scene(scene: RidgesScene) {
    this.#scene = scene;
    this.setAttribute("aria-label", scene.label);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    return TOP + (this.#scene?.ridges.length ?? 1) * rowOf(width) + BOTTOM;
  }

  protected override ready(): void {
    this.setAttribute("role", "group");
    this.tabIndex = 0;
    for (const name of ["pointermove", "pointerdown"] as const)
      this.addEventListener(name, (event) => {
        const { rates, ridges } = this.#scene!;
        const box = this.getBoundingClientRect();
        const share = (event.clientX - box.left - SIDE) / (this.wide - 2 * SIDE);
        const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
        this.#choose({
          row: within(Math.floor((event.clientY - box.top - TOP) / rowOf(this.wide)), ridges.length),
          column: within(Math.round(share * (rates.length - 1)), rates.length),
        });
      });
    this.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      const { chosen = { row: 0, column: 60 }, rates, ridges, steps } = this.#scene!;
      if (way === undefined) return;
      event.preventDefault();
      const row = (chosen.row + way[0] + ridges.length) % ridges.length;
      const column = Math.max(0, Math.min(rates.length - 1, chosen.column + way[1] * (event.shiftKey ? 10 : 1)));
      this.#choose({ row, column });
      say(`${ridges[row].name} at ${short(rates[column], 3)}: ${outcomeOf(ridges[row].swept[column], steps)}`);
    });
  }

  #choose(cell: Cell): void {
    const { chosen, onChoose } = this.#scene!;
    if (cell.row !== chosen?.row || cell.column !== chosen.column) onChoose(cell);
  }

  protected override paint([pen]: readonly CanvasPen[], palette: Palette): void {
    pen.context.clearRect(0, 0, this.wide, this.high);
    if (this.#scene) draw(pen, this.#scene, this.wide, palette);
  }

  override drawOn(pen: Pen, width: number, palette: Palette): number {
    draw(pen, this.#scene!, width, palette);
    return this.heightFor(width);
  }
}

/** What a rate led to, in words. */
function outcomeOf(swept: SweptRate | undefined, steps: number): string {
  if (swept === undefined) return "not run yet";
  if (swept.loss === Number.POSITIVE_INFINITY) return "diverged";
  if (swept.reached !== undefined) return `reached at step ${swept.reached}`;
  return `not reached in ${steps} steps`;
}

function draw(pen: Pen, { ridges, rates, steps, chosen }: RidgesScene, width: number, palette: Palette): void {
  const scale = logScale(rates[0], rates[rates.length - 1]);
  const px = (rate: number): number => SIDE + scale.at(rate) * (width - 2 * SIDE);
  const half = (px(rates[1]) - px(rates[0])) / 2;
  const [high, each] = [highOf(width), rowOf(width)];
  const floor = TOP + ridges.length * each;
  for (const { value, label } of scale.ticks) {
    pen.line([px(value), TOP, px(value), floor + 4], { colour: palette.rule, width: 1 });
    pen.text(px(value), floor + 18, label, { colour: palette.quiet, size: 11, anchor: "middle" });
  }
  pen.text(width - SIDE, floor + 34, "learning rate", { colour: palette.ink, anchor: "end" });
  for (const [row, { name, swept, standard }] of ridges.entries()) {
    const base = TOP + (row + 1) * each - MARK;
    const colour = colourOf(palette, row);
    pen.line([SIDE, base, width - SIDE, base], { colour: palette.rule, width: 1 });
    let diverged: number[] = [];
    const close = (): void => {
      if (diverged.length > 0) pen.line(diverged, { colour: palette.quiet, width: 3, dash: [1, 5] });
      diverged = [];
    };
    for (const { lr, loss, reached } of swept) {
      const x = px(lr);
      if (loss === Number.POSITIVE_INFINITY) {
        diverged = [diverged[0] ?? x - half, base, x + half, base];
        continue;
      }
      close();
      if (reached === undefined) continue;
      const top = base - Math.max(2, high * (1 - reached / (steps + 1)));
      pen.area([x - half, base, x - half, top, x + half, top, x + half, base], colour);
    }
    close();
    if (standard !== undefined && standard >= rates[0] && standard <= rates[rates.length - 1])
      marker(pen, "triangle", px(standard), base + 5, 4, palette.ink, palette.paper);
    pen.text(SIDE, base - high - 6, name, { colour: palette.ink, halo: palette.paper });
    if (chosen?.row !== row) continue;
    const x = px(rates[chosen.column]);
    pen.line([x, base - high - 4, x, base], { colour: palette.paper, width: 5 });
    pen.line([x, base - high - 4, x, base], { colour: palette.ink, width: 2 });
    pen.disc(x, base - high - 4, 4, palette.ink, { colour: palette.paper, width: 2 });
  }
}
