// Layer normalisation over the rows of a matrix [rows, width]. Means are computed in f64, in the order of reduce.ts.
// Rows are contiguous, without padding, so a row may end inside a vector; its last columns are computed one by one.
import { add, BYTES, load as load4, mul, splat, store as store4, sub } from "../lane";
import { dot, sum } from "../reduce";

/**
 * y = (x - mean) * rstd * w + b, with the mean and the population variance of each row, and
 * rstd = 1 / sqrt(variance + eps). Writes mean and rstd of each row to stats [rows, 2], for the backward pass.
 */
export function layerNorm(rows: i32, width: i32, x: usize, w: usize, b: usize, y: usize, stats: usize, eps: f64): void {
  const line = (<usize>width) << 2;
  const whole = line & ~15;
  for (let r = 0; r < rows; r++, x += line, y += line, stats += 8) {
    const mean = <f32>(sum(width, x) / <f64>width);
    let j: usize = 0;
    for (; j < whole; j += BYTES) store4(y + j, sub(load4(x + j), splat(mean)));
    for (; j < line; j += 4) store<f32>(y + j, load<f32>(x + j) - mean);
    const rstd = <f32>(1 / Math.sqrt(dot(width, y, y) / <f64>width + eps));
    for (j = 0; j < whole; j += BYTES) {
      store4(y + j, add(mul(mul(load4(y + j), splat(rstd)), load4(w + j)), load4(b + j)));
    }
    for (; j < line; j += 4) store<f32>(y + j, load<f32>(y + j) * rstd * load<f32>(w + j) + load<f32>(b + j));
    store<f32>(stats, mean);
    store<f32>(stats + 4, rstd);
  }
}

/**
 * With h = (x - mean) * rstd and g = dy * w: dx = rstd * (g - (mean of g) - h * (mean of g h)),
 * dw = dw + (the sum of dy h over the rows, in their order, from +0) and db = db + (the same sum of dy).
 * work: memory of 3 rows.
 */
export function layerNormBackward(
  rows: i32,
  width: i32,
  x: usize,
  w: usize,
  stats: usize,
  dy: usize,
  dx: usize,
  dw: usize,
  db: usize,
  work: usize,
): void {
  const line = (<usize>width) << 2;
  const whole = line & ~15;
  const h = work,
    sumW = work + line,
    sumB = sumW + line;
  memory.fill(sumW, 0, line << 1);
  for (let r = 0; r < rows; r++, x += line, dy += line, dx += line, stats += 8) {
    const mean = load<f32>(stats),
      rstd = load<f32>(stats + 4);
    let j: usize = 0;
    for (; j < whole; j += BYTES) {
      const d = load4(dy + j);
      const v = mul(sub(load4(x + j), splat(mean)), splat(rstd));
      store4(h + j, v);
      store4(dx + j, mul(d, load4(w + j)));
      store4(sumW + j, add(load4(sumW + j), mul(d, v)));
      store4(sumB + j, add(load4(sumB + j), d));
    }
    for (; j < line; j += 4) {
      const d = load<f32>(dy + j);
      const v = (load<f32>(x + j) - mean) * rstd;
      store<f32>(h + j, v);
      store<f32>(dx + j, d * load<f32>(w + j));
      store<f32>(sumW + j, load<f32>(sumW + j) + d * v);
      store<f32>(sumB + j, load<f32>(sumB + j) + d);
    }
    const c1 = <f32>(sum(width, dx) / <f64>width);
    const c2 = <f32>(dot(width, dx, h) / <f64>width);
    for (j = 0; j < whole; j += BYTES) {
      store4(dx + j, mul(splat(rstd), sub(sub(load4(dx + j), splat(c1)), mul(load4(h + j), splat(c2)))));
    }
    for (; j < line; j += 4) store<f32>(dx + j, rstd * (load<f32>(dx + j) - c1 - load<f32>(h + j) * c2));
  }
  for (let j: usize = 0; j < line; j += 4) {
    store<f32>(dw + j, load<f32>(dw + j) + load<f32>(sumW + j));
    store<f32>(db + j, load<f32>(db + j) + load<f32>(sumB + j));
  }
}
