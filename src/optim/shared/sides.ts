import type { EngineCore } from "../../engine/core.js";
import { type Shape, sizeOf, type Tensor } from "../../engine/tensor.js";

/** One dimension of a tensor: row-major, the tensor is [before, n, after]. */
export interface Side {
  before: number;
  n: number;
  after: number;
}

/** The dimensions of a shape. */
export const sidesOf = (shape: Shape): readonly Side[] =>
  shape.map((n, i) => ({ before: sizeOf(shape.slice(0, i)), n, after: sizeOf(shape.slice(i + 1)) }));

/** y = the product of a matrix [n, n] with x along one dimension: every vector v of x in that direction becomes matrix · v. */
export function alongSide(
  engine: EngineCore,
  { before, n, after }: Side,
  matrix: Tensor,
  transpose: boolean,
  x: Tensor,
  y: Tensor,
): void {
  // A vector v that lies in a row becomes v · matrixᵀ.
  if (after === 1) engine.product(false, !transpose, before, n, n, x.ref, matrix.ref, y.ref, false);
  else if (before === 1) engine.product(transpose, false, n, after, n, matrix.ref, x.ref, y.ref, false);
  else {
    const { implementation } = engine;
    const slice = n * after;
    for (let a = 0; a < before; a++) {
      const from = implementation.at(x.ref, a * slice, slice);
      const to = implementation.at(y.ref, a * slice, slice);
      engine.product(transpose, false, n, after, n, matrix.ref, from, to, false);
    }
  }
}

/** Working memory of {@link alongSide}. */
export function reserveAlongSide(engine: EngineCore, { before, n, after }: Side, transpose: boolean): void {
  if (after === 1) engine.reserve(false, !transpose, before, n, n, false);
  else engine.reserve(transpose, false, n, after, n, false);
}
