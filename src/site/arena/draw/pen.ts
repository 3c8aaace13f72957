/** What figures are drawn with: one drawing serves the screen, a picture of pixels and a file of SVG. */
import type { Marker } from "./palette.js";

export interface Stroke {
  colour: string;
  width: number;
  dash?: readonly number[];
}

export interface Words {
  colour: string;
  size?: number;
  anchor?: "start" | "middle" | "end";
  bold?: boolean;
  /** Around the letters, where lines run below them. */
  halo?: string;
}

/** Coordinates are pixels from the upper left corner. */
export interface Pen {
  /** A line through points x0, y0, x1, y1 … */
  line(points: readonly number[], stroke: Stroke): void;
  /** Separate lines x0, y0, x1, y1, one after another. */
  segments(ends: readonly number[], stroke: Stroke): void;
  area(points: readonly number[], colour: string, opacity?: number): void;
  disc(x: number, y: number, radius: number, fill: string | undefined, stroke?: Stroke): void;
  text(x: number, y: number, words: string, how: Words): void;
  /** Draws within a rectangle alone. */
  within(x: number, y: number, width: number, height: number, draw: () => void): void;
}

export const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';
export const TEXT_SIZE = 12;

let measure: CanvasRenderingContext2D | null | undefined;
/** Pixels that words take at the usual size. */
export function textWidth(words: string): number {
  measure ??= document.createElement("canvas").getContext("2d");
  if (!measure) return words.length * 7;
  measure.font = `${TEXT_SIZE}px ${FONT}`;
  return measure.measureText(words).width;
}

/** The outline of a marker around a point; a circle for "circle" and "ring" is left to disc. */
export const SHAPES: Record<Exclude<Marker, "circle" | "ring">, readonly number[]> = {
  square: [-1, -1, 1, -1, 1, 1, -1, 1],
  triangle: [0, -1.25, 1.15, 0.85, -1.15, 0.85],
  diamond: [0, -1.4, 1.4, 0, 0, 1.4, -1.4, 0],
  down: [0, 1.25, 1.15, -0.85, -1.15, -0.85],
  cross: [
    -1.2, -0.6, -0.6, -1.2, 0, -0.6, 0.6, -1.2, 1.2, -0.6, 0.6, 0, 1.2, 0.6, 0.6, 1.2, 0, 0.6, -0.6, 1.2, -1.2, 0.6,
    -0.6, 0,
  ],
  plus: [
    -0.45, -1.3, 0.45, -1.3, 0.45, -0.45, 1.3, -0.45, 1.3, 0.45, 0.45, 0.45, 0.45, 1.3, -0.45, 1.3, -0.45, 0.45, -1.3,
    0.45, -1.3, -0.45, -0.45, -0.45,
  ],
};

/** A marker of a series, with the ground around it. */
export function marker(
  pen: Pen,
  shape: Marker,
  x: number,
  y: number,
  size: number,
  colour: string,
  casing: string,
): void {
  if (shape === "circle" || shape === "ring") {
    pen.disc(x, y, size + 1.75, casing);
    if (shape === "circle") pen.disc(x, y, size, colour);
    else pen.disc(x, y, size - 1, casing, { colour, width: 2 });
    return;
  }
  const points = (by: number): number[] => SHAPES[shape].map((each, i) => (i % 2 === 0 ? x : y) + each * by);
  pen.line([...points(size), ...points(size).slice(0, 2)], { colour: casing, width: 3.5 });
  pen.area(points(size), colour);
}

/** An arrow with a small head. */
export function arrow(pen: Pen, x0: number, y0: number, x1: number, y1: number, stroke: Stroke, casing: string): void {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (!(length > 1)) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = Math.min(9, length);
  const [bx, by] = [x1 - ux * head, y1 - uy * head];
  pen.line([x0, y0, bx, by], { colour: casing, width: stroke.width + 3 });
  pen.line([x0, y0, bx, by], stroke);
  const wing = head * 0.45;
  pen.area([x1, y1, bx - uy * wing, by + ux * wing, bx + uy * wing, by - ux * wing], stroke.colour);
}
