/** The twin of `assembly/optim/sm3/rows.ts`. */
import { add, div, mul, pmax, pmin, sqrt, sub } from "../../math/f32.js";

/**
 * One pass over a gradient [rows, columns]: v = min(rowCover, columnCover) + g²; rowCover = its maximum over the row,
 * newCover that over the column; p = p - lr * m, m = momentum * m + oneMinusMomentum * g / sqrt(v + eps). Without momentum
 * `m` is 0, and not touched. It stays on the caller's thread, as every row may raise every maximum.
 */
function sm3Rows(
  rows: number,
  columns: number,
  p: Float32Array,
  g: Float32Array,
  m: Float32Array,
  rowCover: Float32Array,
  columnCover: Float32Array,
  newCover: Float32Array,
  gradScale: number,
  eps: number,
  momentum: number,
  oneMinusMomentum: number,
  lr: number,
): void {
  const [S, E, M, C, A] = [gradScale, eps, momentum, oneMinusMomentum, lr].map(Math.fround) as number[];
  const averages = typeof m === "object";
  newCover.fill(0, 0, columns);
  for (let r = 0, i = 0; r < rows; r++) {
    const row = rowCover[r];
    let most = 0;
    for (let j = 0; j < columns; j++, i++) {
      const grad = mul(S, g[i]);
      const square = add(pmin(row, columnCover[j]), mul(grad, grad));
      most = pmax(most, square);
      newCover[j] = pmax(newCover[j], square);
      let update = square === 0 ? 0 : div(grad, sqrt(add(square, E)));
      if (averages) {
        update = add(mul(M, m[i]), mul(C, update));
        m[i] = update;
      }
      p[i] = sub(p[i], mul(A, update));
    }
    rowCover[r] = most;
  }
}

export const sm3RowKernels = { sm3Rows };
