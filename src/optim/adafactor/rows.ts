/** The twins of `assembly/optim/adafactor/rows.ts`: Adafactor over the rows of a gradient [rows, columns]. */
import type { Partitions } from "../../engine/backend.js";
import { add, div, mul, pmin, sqrt, sub } from "../../math/f32.js";

const { fround } = Math;

const lanes = new Float32Array(4);
const combined = (s: Float32Array): number => add(add(s[0], s[2]), add(s[1], s[3]));

/** rowSums[r] and columnSums[j] = sums of squared gradients. */
function factoredSums(
  rows: number,
  columns: number,
  g: Float32Array,
  rowSums: Float32Array,
  columnSums: Float32Array,
  gradScale: number,
): void {
  const S = fround(gradScale);
  const whole = columns & ~3;
  columnSums.fill(0, 0, columns);
  for (let r = 0, i = 0; r < rows; r++) {
    lanes.fill(0);
    let tail = 0;
    for (let j = 0; j < columns; j++, i++) {
      const grad = mul(S, g[i]);
      const square = mul(grad, grad);
      if (j === whole) tail = combined(lanes);
      if (j < whole) lanes[j & 3] = add(lanes[j & 3], square);
      else tail = add(tail, square);
      columnSums[j] = add(columnSums[j], square);
    }
    rowSums[r] = columns > whole ? tail : combined(lanes);
  }
}

/** variance = beta2 * variance + oneMinusBeta2 * (share * sums + eps) */
function factoredMeans(
  n: number,
  sums: Float32Array,
  variance: Float32Array,
  share: number,
  eps: number,
  beta2: number,
  oneMinusBeta2: number,
): void {
  const [H, E, B, W] = [share, eps, beta2, oneMinusBeta2].map(Math.fround) as [number, number, number, number];
  for (let i = 0; i < n; i++) variance[i] = add(mul(B, variance[i]), mul(W, add(mul(H, sums[i]), E)));
}

/** roots = 1 / sqrt(scale * variance) */
function factoredRoots(n: number, variance: Float32Array, roots: Float32Array, scale: number): void {
  const S = fround(scale);
  for (let i = 0; i < n; i++) roots[i] = div(1, sqrt(mul(S, variance[i])));
}

/** squares[r] = the sum over row r of (g min(limit, rowRoots[r] * columnRoots[j]))² */
function factoredSquares(
  rows: number,
  columns: number,
  g: Float32Array,
  rowRoots: Float32Array,
  columnRoots: Float32Array,
  squares: Float32Array,
  [gradScale, limit]: Float32Array,
): void {
  const whole = columns & ~3;
  for (let r = 0, i = 0; r < rows; r++) {
    lanes.fill(0);
    let tail = 0;
    for (let j = 0; j < columns; j++, i++) {
      const update = mul(mul(gradScale, g[i]), pmin(limit, mul(rowRoots[r], columnRoots[j])));
      if (j === whole) tail = combined(lanes);
      if (j < whole) lanes[j & 3] = add(lanes[j & 3], mul(update, update));
      else tail = add(tail, mul(update, update));
    }
    squares[r] = columns > whole ? tail : combined(lanes);
  }
}

/** p = decayFactor * p - stepSize * (g min(limit, rowRoots[r] * columnRoots[j])) */
function factoredStep(
  rows: number,
  columns: number,
  p: Float32Array,
  g: Float32Array,
  rowRoots: Float32Array,
  columnRoots: Float32Array,
  [gradScale, limit, decayFactor, stepSize]: Float32Array,
): void {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      const update = mul(mul(gradScale, g[i]), pmin(limit, mul(rowRoots[r], columnRoots[j])));
      p[i] = sub(mul(decayFactor, p[i]), mul(stepSize, update));
    }
  }
}

/** m = momentum * m + stepSize * (g min(limit, rowRoots[r] * columnRoots[j])); p = decayFactor * p - m */
function factoredMomentum(
  rows: number,
  columns: number,
  p: Float32Array,
  g: Float32Array,
  m: Float32Array,
  rowRoots: Float32Array,
  columnRoots: Float32Array,
  [gradScale, limit, decayFactor, stepSize, momentum]: Float32Array,
): void {
  for (let r = 0, i = 0; r < rows; r++) {
    for (let j = 0; j < columns; j++, i++) {
      const update = mul(mul(gradScale, g[i]), pmin(limit, mul(rowRoots[r], columnRoots[j])));
      const mean = add(mul(momentum, m[i]), mul(stepSize, update));
      m[i] = mean;
      p[i] = sub(mul(decayFactor, p[i]), mean);
    }
  }
}

export const adafactorRows = {
  factoredSums,
  factoredMeans,
  factoredRoots,
  factoredSquares,
  factoredStep,
  factoredMomentum,
};
/** Sums over columns go through all rows, and stay on the caller's thread. */
export const adafactorPartitions: Partitions<typeof adafactorRows> = {
  factoredSquares: ["rows", "matrix", "column", "same", "column"],
  factoredStep: ["rows", "matrix", "matrix", "column"],
  factoredMomentum: ["rows", "matrix", "matrix", "matrix", "column"],
};
