import { FONT, type Pen, type Stroke, TEXT_SIZE, type Words } from "./pen.js";

/** A pen on a canvas. */
export class CanvasPen implements Pen {
  readonly context: CanvasRenderingContext2D;

  constructor(context: CanvasRenderingContext2D) {
    this.context = context;
    context.lineJoin = "round";
    context.lineCap = "round";
  }

  #stroke({ colour, width, dash }: Stroke): void {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.setLineDash(dash === undefined ? [] : [...dash]);
    context.stroke();
  }

  #trace(points: readonly number[]): void {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i + 1 < points.length; i += 2) {
      if (i === 0) context.moveTo(points[0], points[1]);
      else context.lineTo(points[i], points[i + 1]);
    }
  }

  line(points: readonly number[], stroke: Stroke): void {
    this.#trace(points);
    this.#stroke(stroke);
  }

  segments(ends: readonly number[], stroke: Stroke): void {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i + 3 < ends.length; i += 4) {
      context.moveTo(ends[i], ends[i + 1]);
      context.lineTo(ends[i + 2], ends[i + 3]);
    }
    this.#stroke(stroke);
  }

  area(points: readonly number[], colour: string, opacity = 1): void {
    const { context } = this;
    this.#trace(points);
    context.closePath();
    context.globalAlpha = opacity;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }

  disc(x: number, y: number, radius: number, fill: string | undefined, stroke?: Stroke): void {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill !== undefined) {
      context.fillStyle = fill;
      context.fill();
    }
    if (stroke) this.#stroke(stroke);
  }

  text(x: number, y: number, words: string, { colour, size = TEXT_SIZE, anchor = "start", bold, halo }: Words): void {
    const { context } = this;
    context.font = `${bold ? "600 " : ""}${size}px ${FONT}`;
    context.textAlign = anchor === "middle" ? "center" : anchor;
    context.textBaseline = "alphabetic";
    if (halo !== undefined) {
      context.strokeStyle = halo;
      context.lineWidth = 3.5;
      context.setLineDash([]);
      context.strokeText(words, x, y);
    }
    context.fillStyle = colour;
    context.fillText(words, x, y);
  }

  within(x: number, y: number, width: number, height: number, draw: () => void): void {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    draw();
    context.restore();
  }
}
