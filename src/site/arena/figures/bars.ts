/** Numbers as bars that can be pulled, with curves of what is made of them. */
import type { CanvasPen } from "../draw/canvasPen.js";
import { colourOf, dashOf, type Palette } from "../draw/palette.js";
import { type Pen, textWidth } from "../draw/pen.js";
import { linearScale, short } from "../draw/scale.js";
import { say } from "../parts/announce.js";
import { type Curve, drawLabels } from "./chart.js";
import { Figure } from "./figure.js";

export interface BarsScene {
  readonly values: readonly number[];
  readonly curves: readonly Curve[];
  /** The step that is pointed at. */
  readonly chosen?: number | undefined;
  readonly name: string;
  readonly label: string;
  readonly onChange?: (index: number, value: number) => void;
  readonly onChoose?: (index: number | undefined) => void;
}

const [LEFT, TOP, BOTTOM] = [48, 26, 34];

export class ArenaBars extends Figure {
  #scene: BarsScene | undefined;
  #reach = 1;
  #pulled: number | undefined;

  constructor() {
    super(1);
  }

  set scene(scene: BarsScene) {
    this.#scene = scene;
    this.setAttribute("aria-label", scene.label);
    // While a bar is being pulled the axis stands still.
    if (this.#pulled === undefined) this.#reach = reachOf(scene);
    this.schedule();
  }

  protected override heightFor(width: number): number {
    return Math.max(240, Math.min(380, width * 0.5));
  }

  protected override ready(): void {
    this.setAttribute("role", "group");
    this.tabIndex = 0;
    this.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#scene?.onChange === undefined) return;
      this.#pulled = this.#index(event);
      this.setPointerCapture(event.pointerId);
      this.#pull(event);
    });
    this.addEventListener("pointermove", (event) => {
      if (this.#pulled === undefined) this.#scene?.onChoose?.(this.#index(event));
      else this.#pull(event);
    });
    for (const end of ["pointerup", "pointercancel"] as const)
      this.addEventListener(end, () => {
        this.#pulled = undefined;
        this.#reach = reachOf(this.#scene!);
        this.schedule();
      });
    this.addEventListener("pointerleave", () => this.#scene?.onChoose?.(undefined));
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  #slot(): number {
    return (this.wide - LEFT - rightOf(this.#scene!)) / Math.max(1, this.#scene!.values.length);
  }

  #index(event: PointerEvent): number {
    const at = Math.floor((event.clientX - this.getBoundingClientRect().left - LEFT) / this.#slot());
    return Math.max(0, Math.min(this.#scene!.values.length - 1, at));
  }

  #pull(event: PointerEvent): void {
    const share = (event.clientY - this.getBoundingClientRect().top - TOP) / (this.high - TOP - BOTTOM);
    const value = this.#reach * (1 - 2 * share);
    const fine = this.#reach / 50;
    this.#scene!.onChange?.(this.#pulled!, Number((Math.round(value / fine) * fine).toPrecision(3)) + 0);
    this.#scene!.onChoose?.(this.#pulled);
  }

  #key(event: KeyboardEvent): void {
    const { values, chosen = 0, onChange, onChoose, name } = this.#scene!;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(values.length - 1, chosen + way[0]));
    const value = Number((values[index] + (way[1] * this.#reach) / 20).toPrecision(3));
    onChoose?.(index);
    if (way[1] !== 0) onChange?.(index, value);
    say(`${name} ${index + 1}: ${short(way[1] === 0 ? values[index] : value)}`);
  }

  protected override paint([pen]: readonly CanvasPen[], palette: Palette): void {
    if (this.#scene === undefined) return;
    pen.context.clearRect(0, 0, this.wide, this.high);
    draw(pen, this.#scene, this.wide, this.high, this.#reach, palette);
  }

  override drawOn(pen: Pen, width: number, palette: Palette): number {
    const height = Math.round(this.heightFor(width));
    draw(pen, this.#scene!, width, height, this.#reach, palette);
    return height;
  }
}

function reachOf({ values, curves }: BarsScene): number {
  let most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-6);
  for (const { values: each } of curves)
    for (let i = 0; i < each.length; i++) if (Number.isFinite(each[i])) most = Math.max(most, Math.abs(each[i]));
  return most * 1.2;
}

const rightOf = ({ curves }: BarsScene): number =>
  14 + curves.reduce((most, { label }) => Math.max(most, textWidth(label)), 0);

function draw(pen: Pen, scene: BarsScene, width: number, height: number, reach: number, palette: Palette): void {
  const { values, curves, chosen } = scene;
  const across = width - LEFT - rightOf(scene);
  const slot = across / Math.max(1, values.length);
  const py = (value: number): number =>
    TOP + (height - TOP - BOTTOM) * (0.5 - Math.max(-1.2, Math.min(1.2, value / reach)) / 2);
  const words = { colour: palette.quiet, size: 11 };
  for (const { value, label } of linearScale(-reach, reach, 6).ticks) {
    pen.line([LEFT, py(value), LEFT + across, py(value)], { colour: palette.rule, width: 1 });
    pen.text(LEFT - 8, py(value) + 4, label, { ...words, anchor: "end" });
  }
  pen.text(2, 13, scene.name, { colour: palette.ink });
  pen.text(LEFT + across, height - 4, "step", { colour: palette.ink, anchor: "end" });
  const bar = Math.min(34, slot * 0.56);
  const every = Math.ceil(26 / slot);
  for (const [i, value] of values.entries()) {
    const x = LEFT + (i + 0.5) * slot;
    const [y0, y1] = [py(0), py(value)];
    const box = [x - bar / 2, y0, x + bar / 2, y0, x + bar / 2, y1, x - bar / 2, y1];
    pen.area(box, palette.quiet, chosen === i ? 0.6 : 0.32);
    pen.line([x - bar / 2, y1, x + bar / 2, y1], { colour: palette.ink, width: 2.5 });
    if (i % every === 0) pen.text(x, height - 18, String(i + 1), { ...words, anchor: "middle" });
  }
  pen.line([LEFT, py(0), LEFT + across, py(0)], { colour: palette.quiet, width: 1 });
  const ends: { y: number; label: string; series: number }[] = [];
  for (const { values: each, series, label } of curves) {
    const colour = colourOf(palette, series);
    const points = Array.from(each, (value, i) => [LEFT + (i + 0.5) * slot, py(value)]).flat();
    pen.line(points, { colour, width: 2, dash: dashOf(series) });
    if (each.length <= 40)
      for (let i = 0; i + 1 < points.length; i += 2)
        pen.disc(points[i], points[i + 1], 3, colour, { colour: palette.paper, width: 1.25 });
    if (points.length > 0) ends.push({ y: points[points.length - 1], label, series });
  }
  drawLabels(pen, ends, LEFT + across + 8, height - BOTTOM, palette);
}
