// SM3 over the rows of a gradient [rows, columns]. The rule and its formulas: src/optim/sm3.ts.
import {
  add,
  BYTES,
  div,
  eq,
  load as load4,
  mul,
  pmax,
  pmin,
  splat,
  sqrt as sqrt4,
  store as store4,
  sub,
  unless,
} from "../../lane";

/**
 * One pass: v = min(rowCover, columnCover) + g²; rowCover = its maximum over the row, newCover that over the column;
 * p = p - lr * m, m = momentum * m + oneMinusMomentum * g / sqrt(v + eps). Without momentum `m` is 0, and not touched.
 */
export function sm3Rows(
  rows: i32,
  columns: i32,
  p: usize,
  g: usize,
  m: usize,
  rowCover: usize,
  columnCover: usize,
  newCover: usize,
  gradScale: f32,
  eps: f32,
  momentum: f32,
  oneMinusMomentum: f32,
  lr: f32,
): void {
  const S = splat(gradScale),
    E = splat(eps),
    M = splat(momentum),
    C = splat(oneMinusMomentum),
    A = splat(lr);
  const zero = splat(0);
  const whole = columns & ~3;
  memory.fill(newCover, 0, (<usize>columns) << 2);
  for (let r = 0; r < rows; r++, rowCover += 4) {
    const row = load<f32>(rowCover);
    const R = splat(row);
    let most = zero;
    let j = 0,
      q = columnCover,
      to = newCover;
    for (; j < whole; j += 4, p += BYTES, g += BYTES, q += BYTES, to += BYTES) {
      const grad = mul(S, load4(g));
      const square = add(pmin(R, load4(q)), mul(grad, grad));
      most = pmax(most, square);
      store4(to, pmax(load4(to), square));
      let update = unless(eq(square, zero), div(grad, sqrt4(add(square, E))));
      if (m !== 0) {
        update = add(mul(M, load4(m)), mul(C, update));
        store4(m, update);
        m += BYTES;
      }
      store4(p, sub(load4(p), mul(A, update)));
    }
    most = pmax(most, i32x4.shuffle(most, most, 2, 3, 0, 1));
    most = pmax(most, i32x4.shuffle(most, most, 1, 0, 3, 2));
    let largest = f32x4.extract_lane(most, 0);
    for (; j < columns; j++, p += 4, g += 4, q += 4, to += 4) {
      const grad = gradScale * load<f32>(g);
      const column = load<f32>(q);
      // biome-ignore lint/complexity/useMathMinMax: as pmin, where one is NaN
      const square = (column < row ? column : row) + grad * grad;
      if (largest < square) largest = square;
      if (load<f32>(to) < square) store<f32>(to, square);
      let update = square === 0 ? <f32>0 : grad / sqrt(square + eps);
      if (m !== 0) {
        update = momentum * load<f32>(m) + oneMinusMomentum * update;
        store<f32>(m, update);
        m += 4;
      }
      store<f32>(p, load<f32>(p) - lr * update);
    }
    store<f32>(rowCover, largest);
  }
}
