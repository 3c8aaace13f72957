// Kernels over the rows of a gradient [rows, columns] for Adafactor, whose second moment is a number for each row and each
// column. The rule and its formulas: src/optim/adafactor.ts. `scalars` has gradScale, the limit of 1 / √V, decayFactor,
// stepSize and momentum, in memory: kernels for threads take eight arguments.
import { add, BYTES, load as load4, mul, pmin, splat, store as store4, sub } from "../../lane";

/** The four sums of a row, in one order. */
function combined(s: v128): f32 {
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 2) + (f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 3));
}

/** As pmin: a where b is NaN. */
function least(a: f32, b: f32): f32 {
  return b < a ? b : a;
}

/** rowSums[r] and columnSums[j] = sums of squared gradients: one pass over them for both. */
export function factoredSums(
  rows: i32,
  columns: i32,
  g: usize,
  rowSums: usize,
  columnSums: usize,
  gradScale: f32,
): void {
  const S = splat(gradScale);
  const whole = columns & ~3;
  memory.fill(columnSums, 0, (<usize>columns) << 2);
  for (let r = 0; r < rows; r++, rowSums += 4) {
    let s = splat(0);
    let j = 0,
      q = columnSums;
    for (; j < whole; j += 4, g += BYTES, q += BYTES) {
      const grad = mul(S, load4(g));
      const square = mul(grad, grad);
      s = add(s, square);
      store4(q, add(load4(q), square));
    }
    let t = combined(s);
    for (; j < columns; j++, g += 4, q += 4) {
      const grad = gradScale * load<f32>(g);
      const square = grad * grad;
      t += square;
      store<f32>(q, load<f32>(q) + square);
    }
    store<f32>(rowSums, t);
  }
}

/** variance = beta2 * variance + oneMinusBeta2 * (share * sums + eps) */
export function factoredMeans(
  n: i32,
  sums: usize,
  variance: usize,
  share: f32,
  eps: f32,
  beta2: f32,
  oneMinusBeta2: f32,
): void {
  for (let i = 0; i < n; i++, sums += 4, variance += 4) {
    const mean = share * load<f32>(sums) + eps;
    store<f32>(variance, beta2 * load<f32>(variance) + oneMinusBeta2 * mean);
  }
}

/** roots = 1 / sqrt(scale * variance) */
export function factoredRoots(n: i32, variance: usize, roots: usize, scale: f32): void {
  for (let i = 0; i < n; i++, variance += 4, roots += 4) store<f32>(roots, 1 / sqrt(scale * load<f32>(variance)));
}

/** squares[r] = the sum over row r of (g min(limit, rowRoots[r] * columnRoots[j]))² */
export function factoredSquares(
  rows: i32,
  columns: i32,
  g: usize,
  rowRoots: usize,
  columnRoots: usize,
  squares: usize,
  scalars: usize,
): void {
  const gradScale = load<f32>(scalars),
    limit = load<f32>(scalars + 4);
  const S = splat(gradScale),
    L = splat(limit);
  const whole = columns & ~3;
  for (let r = 0; r < rows; r++, rowRoots += 4, squares += 4) {
    const root = load<f32>(rowRoots);
    const R = splat(root);
    let s = splat(0);
    let j = 0,
      q = columnRoots;
    for (; j < whole; j += 4, g += BYTES, q += BYTES) {
      const update = mul(mul(S, load4(g)), pmin(L, mul(R, load4(q))));
      s = add(s, mul(update, update));
    }
    let t = combined(s);
    for (; j < columns; j++, g += 4, q += 4) {
      const product = root * load<f32>(q);
      const update = gradScale * load<f32>(g) * least(limit, product);
      t += update * update;
    }
    store<f32>(squares, t);
  }
}

/** p = decayFactor * p - stepSize * (g min(limit, rowRoots[r] * columnRoots[j])) */
export function factoredStep(
  rows: i32,
  columns: i32,
  p: usize,
  g: usize,
  rowRoots: usize,
  columnRoots: usize,
  scalars: usize,
): void {
  const gradScale = load<f32>(scalars),
    limit = load<f32>(scalars + 4);
  const decayFactor = load<f32>(scalars + 8),
    stepSize = load<f32>(scalars + 12);
  const S = splat(gradScale),
    L = splat(limit),
    K = splat(decayFactor),
    A = splat(stepSize);
  const whole = columns & ~3;
  for (let r = 0; r < rows; r++, rowRoots += 4) {
    const root = load<f32>(rowRoots);
    const R = splat(root);
    let j = 0,
      q = columnRoots;
    for (; j < whole; j += 4, p += BYTES, g += BYTES, q += BYTES) {
      const update = mul(mul(S, load4(g)), pmin(L, mul(R, load4(q))));
      store4(p, sub(mul(K, load4(p)), mul(A, update)));
    }
    for (; j < columns; j++, p += 4, g += 4, q += 4) {
      const product = root * load<f32>(q);
      const update = gradScale * load<f32>(g) * least(limit, product);
      store<f32>(p, decayFactor * load<f32>(p) - stepSize * update);
    }
  }
}

/** m = momentum * m + stepSize * (g min(limit, rowRoots[r] * columnRoots[j])); p = decayFactor * p - m */
export function factoredMomentum(
  rows: i32,
  columns: i32,
  p: usize,
  g: usize,
  m: usize,
  rowRoots: usize,
  columnRoots: usize,
  scalars: usize,
): void {
  const gradScale = load<f32>(scalars),
    limit = load<f32>(scalars + 4);
  const decayFactor = load<f32>(scalars + 8),
    stepSize = load<f32>(scalars + 12),
    momentum = load<f32>(scalars + 16);
  const S = splat(gradScale),
    L = splat(limit),
    K = splat(decayFactor),
    A = splat(stepSize),
    M = splat(momentum);
  const whole = columns & ~3;
  for (let r = 0; r < rows; r++, rowRoots += 4) {
    const root = load<f32>(rowRoots);
    const R = splat(root);
    let j = 0,
      q = columnRoots;
    for (; j < whole; j += 4, p += BYTES, g += BYTES, m += BYTES, q += BYTES) {
      const update = mul(mul(S, load4(g)), pmin(L, mul(R, load4(q))));
      const mean = add(mul(M, load4(m)), mul(A, update));
      store4(m, mean);
      store4(p, sub(mul(K, load4(p)), mean));
    }
    for (; j < columns; j++, p += 4, g += 4, m += 4, q += 4) {
      const product = root * load<f32>(q);
      const update = gradScale * load<f32>(g) * least(limit, product);
      const mean = momentum * load<f32>(m) + stepSize * update;
      store<f32>(m, mean);
      store<f32>(p, decayFactor * load<f32>(p) - mean);
    }
  }
}
