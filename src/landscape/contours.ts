import { log } from "../f64.js";
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

function piecesAt(level: number, xs: number[], ys: number[], heights: number[][]): Contour["pieces"] {
  const pieces: [number, number, number, number][] = [];
  for (let j = 0; j + 1 < ys.length; j++) {
    for (let i = 0; i + 1 < xs.length; i++) {
      // The corners in turn, and where the line crosses each side.
      const corners = [
        [xs[i], ys[j], heights[j][i]],
        [xs[i + 1], ys[j], heights[j][i + 1]],
        [xs[i + 1], ys[j + 1], heights[j + 1][i + 1]],
        [xs[i], ys[j + 1], heights[j + 1][i]],
      ];
      const crossed: [number, number][] = [];
      for (const [k, [x, y, here]] of corners.entries()) {
        const [nextX, nextY, next] = corners[(k + 1) % 4];
        if (here < level === next < level) continue;
        const share = (level - here) / (next - here);
        crossed.push([x + share * (nextX - x), y + share * (nextY - y)]);
      }
      for (let k = 0; k + 1 < crossed.length; k += 2) pieces.push([...crossed[k], ...crossed[k + 1]]);
    }
  }
  return pieces;
}
