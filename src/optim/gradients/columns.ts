import { padded, type Ref } from "../../engine/backend.js";
import type { Tensor } from "../../engine/tensor.js";

/** Columns of a parameter of several dimensions: its output units, as weights are [in, out]. */
export const columnsOf = ({ shape }: Tensor): number => shape[shape.length - 1];

/** Working memory of `vectors` numbers a column, each vector padded by itself. */
export const columnScratch = (p: Tensor, vectors: number): Ref => p.engine.scratch(vectors * padded(columnsOf(p)));

/** Makes what a change of this gradient needs, before the first of a list is changed: there may be no memory for another. */
export function reserve(p: Tensor, vectors: number): void {
  if (p.attached) void p.gradient; // the engine's copy of it
  if (p.shape.length > 1) columnScratch(p, vectors);
}
