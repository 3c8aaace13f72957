import { log } from "../math/f64.js";
import type { Landscape } from "./landscape.js";

/** A line of one height, in pieces from point to point. */
export interface Contour {
  /** The height: log(1 + f - f*). */
  readonly level: number;
  readonly pieces: readonly (readonly [x0: number, y0: number, x1: number, y1: number])[];
}

/** Nodes of the grid along each axis: lines look smooth at 400 pixels. */
const NODES = 81;

/**
 * Lines of equal log(1 + f - f*) over the domain, by marching squares on a grid of so many nodes each way. f* is the lowest
 * value known or on the grid.
 */
export function contours(
  { domain, minima, evaluator }: Pick<Landscape, "domain" | "minima" | "evaluator">,
  count: number,
  nodes = NODES,
): Contour[] {
  const [[x0, x1], [y0, y1]] = domain;
  const xs = Array.from({ length: nodes }, (_, i) => x0 + ((x1 - x0) * i) / (nodes - 1));
  const ys = Array.from({ length: nodes }, (_, i) => y0 + ((y1 - y0) * i) / (nodes - 1));
  const values = ys.map((y) => xs.map((x) => evaluator.value([x, y])));
  const least = values.flat().reduce((a, b) => Math.min(a, b), minima[0]?.value ?? Number.POSITIVE_INFINITY);
  const heights = values.map((row) => row.map((value) => log(1 + Math.max(0, value - least))));
  const top = heights.flat().reduce((a, b) => Math.max(a, b), 0);
  return Array.from({ length: count }, (_, k) => {
    const level = (top * (k + 0.5)) / count;
    return { level, pieces: piecesAt(level, xs, ys, heights) };
  });
}

/**
 * The line of one height over a grid, heights[j][i] at (xs[i], ys[j]), by marching squares. Cells with a corner that is not
 * finite have none.
 */
export function piecesAt(
  level: number,
  xs: readonly number[],
  ys: readonly number[],
  heights: readonly (readonly number[])[],
): Contour["pieces"] {
  const pieces: [number, number, number, number][] = [];
  for (let j = 0; j + 1 < ys.length; j++) {
    for (let i = 0; i + 1 < xs.length; i++) {
      const corners = cellOf(xs, ys, heights, i, j);
      if (!finite(corners)) continue;
      const crossed: [number, number][] = [];
      for (const [k, corner] of corners.entries()) {
        const next = corners[(k + 1) % 4];
        if (corner[2] < level !== next[2] < level) crossed.push(crossing(level, corner, next));
      }
      for (let k = 0; k + 1 < crossed.length; k += 2) pieces.push([...crossed[k], ...crossed[k + 1]]);
    }
  }
  return pieces;
}

/** A corner of a cell of the grid. */
export type Corner = readonly [x: number, y: number, height: number];

/** The corners of a cell, in turn. */
export const cellOf = (
  xs: readonly number[],
  ys: readonly number[],
  heights: readonly (readonly number[])[],
  i: number,
  j: number,
): readonly Corner[] => [
  [xs[i], ys[j], heights[j][i]],
  [xs[i + 1], ys[j], heights[j][i + 1]],
  [xs[i + 1], ys[j + 1], heights[j + 1][i + 1]],
  [xs[i], ys[j + 1], heights[j + 1][i]],
];

export const finite = (corners: readonly Corner[]): boolean => corners.every(([, , height]) => Number.isFinite(height));

/** Where a line crosses a side. */
export function crossing(level: number, [x, y, here]: Corner, [nextX, nextY, next]: Corner): [number, number] {
  const share = (level - here) / (next - here);
  return [x + share * (nextX - x), y + share * (nextY - y)];
}

/** Pieces of a line, which end where others begin, as paths of as many as follow one another: half the text. */
export function chained(pieces: readonly (readonly [from: string, to: string])[]): string {
  const at = new Map<string, number[]>();
  for (const [i, ends] of pieces.entries()) for (const end of ends) at.set(end, [...(at.get(end) ?? []), i]);
  const used = new Set<number>();
  const follow = (end: string, line: string[]): string[] => {
    for (let here: string | undefined = end; here !== undefined; ) {
      const next: number | undefined = at.get(here)?.find((i) => !used.has(i));
      if (next === undefined) return line;
      used.add(next);
      const [from, to]: readonly [string, string] = pieces[next];
      here = from === here ? to : from;
      line.push(here);
    }
    return line;
  };
  const paths: string[] = [];
  for (const [i, [from, to]] of pieces.entries()) {
    if (used.has(i) || from === to) continue;
    used.add(i);
    const back = follow(from, [from]).reverse();
    paths.push(`M${[...back, ...follow(to, [to])].join("L")}`);
  }
  return paths.join("");
}
