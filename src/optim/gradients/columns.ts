import { padded, type Ref } from "../../engine/backend.js";
import type { Tensor } from "../../engine/tensor.js";

/** Columns of a parameter of several dimensions: its output units, as weights are [in, out]. */
export const columnsOf = ({ shape }: Tensor): number => shape[shape.length - 1];

/** Working memory of this many numbers a column: so many vectors, each padded on its own. */
export const columnScratch = (p: Tensor, vectors: number): Ref => p.engine.scratch(vectors * padded(columnsOf(p)));

/** Allocates what a change of this gradient needs. Called for a whole list before the first change: memory may run out half-way. */
export function reserve(p: Tensor, vectors: number): void {
  if (p.attached) void p.gradient; // allocates the engine's copy
  if (p.shape.length > 1) columnScratch(p, vectors);
}
