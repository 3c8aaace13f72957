/** Takes a station along: its figures as SVG or PNG, its numbers as CSV, each with the address and the version in it. */
import { CanvasPen } from "../draw/canvasPen.js";
import { type Pen, TEXT_SIZE } from "../draw/pen.js";
import { SvgPen } from "../draw/svgPen.js";
import { Figure } from "../figures/figure.js";
import { palette } from "../figures/theme.js";
import { announce } from "./announce.js";

export type Rows = readonly (readonly (string | number)[])[];

const SIDE = 460;
const MARGIN = 24;
const HEAD = 40;

type Place = (x: number, y: number, draw: (pen: Pen) => number) => number;
const figuresOf = (root: ParentNode): Figure[] =>
  [...root.querySelectorAll(".figure")].filter((each): each is Figure => each instanceof Figure);

export const stamp = (): string => `Thalweg ${__VERSION__} · ${location.href}`;

/** Draws figures side by side below a title, each where `placed` puts it; returns the size. */
function drawAll(pen: Pen, figures: readonly Figure[], title: string, placed: Place): [number, number] {
  const colours = palette();
  const columns = Math.max(1, Math.min(2, figures.length));
  const width = MARGIN + columns * (SIDE + MARGIN);
  let top = HEAD;
  pen.text(MARGIN, 26, title, { colour: colours.ink, size: 15, bold: true });
  for (let i = 0; i < figures.length; i += columns) {
    const row = figures.slice(i, i + columns);
    const heights = row.map((figure, k) =>
      placed(MARGIN + k * (SIDE + MARGIN), top, (own) => figure.drawOn(own, SIDE, colours)),
    );
    top += heights.reduce((most, each) => Math.max(most, each), 0) + MARGIN;
  }
  const about = stamp();
  const most = Math.floor((width - 2 * MARGIN) / 6.2);
  for (let at = 0; at < about.length; at += most, top += 15)
    pen.text(MARGIN, top + 4, about.slice(at, at + most), { colour: colours.quiet, size: TEXT_SIZE - 1 });
  return [width, top + 8];
}

/** A pen whose origin lies elsewhere. */
function shifted(pen: Pen, dx: number, dy: number): Pen {
  const moved = (points: readonly number[]): number[] => points.map((each, i) => each + (i % 2 === 0 ? dx : dy));
  return {
    line: (points, stroke) => pen.line(moved(points), stroke),
    segments: (ends, stroke) => pen.segments(moved(ends), stroke),
    area: (points, colour, opacity) => pen.area(moved(points), colour, opacity),
    disc: (x, y, radius, fill, stroke) => pen.disc(x + dx, y + dy, radius, fill, stroke),
    text: (x, y, words, how) => pen.text(x + dx, y + dy, words, how),
    within: (x, y, width, height, draw) => pen.within(x + dx, y + dy, width, height, draw),
  };
}

export function svgText(root: ParentNode, title: string): string {
  const pen = new SvgPen();
  const [width, height] = drawAll(pen, figuresOf(root), title, (x, y, draw) => draw(shifted(pen, x, y)));
  return pen.file(width, height, palette().paper, title, stamp());
}

/** The figures as pixels, two for each of the file of SVG. */
export async function pngBlob(root: ParentNode, title: string): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  const size = drawAll(new SvgPen(), figuresOf(root), title, (_x, _y, draw) => draw(new SvgPen()));
  canvas.width = size[0] * 2;
  canvas.height = size[1] * 2;
  context.scale(2, 2);
  context.fillStyle = palette().paper;
  context.fillRect(0, 0, size[0], size[1]);
  const pen = new CanvasPen(context);
  drawAll(pen, figuresOf(root), title, (x, y, draw) => {
    context.save();
    context.translate(x, y);
    const height = draw(pen);
    context.restore();
    return height;
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the browser made no picture"))), "image/png"),
  );
}

export const csvText = (rows: Rows): string =>
  [`# ${stamp()}`, ...rows.map((row) => row.map(cell).join(","))].join("\n").concat("\n");
const cell = (value: string | number): string => {
  const text = typeof value === "number" && !Number.isFinite(value) ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function download(name: string, content: string | Blob, type: string): void {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  announce(`${name}: written`);
}
