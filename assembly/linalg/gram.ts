// Products XᵀX in f64: the statistics of gradients, and matrices from their eigenvectors. The rules: src/linalg/gram.ts.
// X is packed into panels of four columns, whose rows are neighbours in memory; a tile of four by four results is kept in
// registers. Each result is one running sum from +0 in the order of X's rows.

const PANEL: i32 = 4;

/** c = decay c + alpha X Xᵀ, X: the tensor g [before, n, after] of f32 as a matrix with a row for each of the n. work: size rounded up to fours of n. */
export function gramMode(
  before: i32,
  n: i32,
  after: i32,
  g: usize,
  work: usize,
  c: usize,
  decay: f64,
  alpha: f64,
): void {
  const rows = before * after,
    stride = (<usize>after) << 2;
  for (let j0 = 0, to = work; j0 < n; j0 += PANEL) {
    const width = min(PANEL, n - j0);
    for (let a = 0; a < before; a++) {
      let from = g + (((<usize>(a * n) + <usize>j0) * <usize>after) << 2);
      for (let b = 0; b < after; b++, from += 4, to += 32) {
        let x = f64x2.splat(<f64>f32.load(from)),
          y = f64x2.splat(0);
        if (width > 1) x = f64x2.replace_lane(x, 1, <f64>f32.load(from + stride));
        if (width > 2) y = f64x2.splat(<f64>f32.load(from + 2 * stride));
        if (width > 3) y = f64x2.replace_lane(y, 1, <f64>f32.load(from + 3 * stride));
        v128.store(to, x);
        v128.store(to, y, 16);
      }
    }
  }
  tiles(rows, n, work, c, decay, alpha);
}

/** c = Xᵀ X, X: row k of x [rows, n] times factors[k]. work: the size of x rounded up to fours of n. */
export function gramRows(rows: i32, n: i32, factors: usize, x: usize, work: usize, c: usize): void {
  for (let j0 = 0, to = work; j0 < n; j0 += PANEL) {
    const width = min(PANEL, n - j0);
    for (let k = 0; k < rows; k++, to += 32) {
      const from = x + ((<usize>(k * n + j0)) << 3),
        factor = f64.load(factors + ((<usize>k) << 3));
      for (let j = 0; j < PANEL; j++) {
        const at = (<usize>j) << 3;
        f64.store(to + at, j < width ? factor * f64.load(from + at) : 0);
      }
    }
  }
  tiles(rows, n, work, c, 0, 1);
}

function tiles(rows: i32, n: i32, work: usize, c: usize, decay: f64, alpha: f64): void {
  const panel = (<usize>rows) << 5;
  for (let i0 = 0, left = work; i0 < n; i0 += PANEL, left += panel) {
    for (let j0 = 0, right = work; j0 <= i0; j0 += PANEL, right += panel) {
      let s00 = f64x2.splat(0),
        s01 = s00,
        s10 = s00,
        s11 = s00,
        s20 = s00,
        s21 = s00,
        s30 = s00,
        s31 = s00;
      for (let x = left, y = right, end = left + panel; x < end; x += 32, y += 32) {
        const y0 = v128.load(y),
          y1 = v128.load(y, 16);
        const x0 = v128.load64_splat(x),
          x1 = v128.load64_splat(x, 8);
        s00 = f64x2.add(s00, f64x2.mul(x0, y0));
        s01 = f64x2.add(s01, f64x2.mul(x0, y1));
        s10 = f64x2.add(s10, f64x2.mul(x1, y0));
        s11 = f64x2.add(s11, f64x2.mul(x1, y1));
        const x2 = v128.load64_splat(x, 16),
          x3 = v128.load64_splat(x, 24);
        s20 = f64x2.add(s20, f64x2.mul(x2, y0));
        s21 = f64x2.add(s21, f64x2.mul(x2, y1));
        s30 = f64x2.add(s30, f64x2.mul(x3, y0));
        s31 = f64x2.add(s31, f64x2.mul(x3, y1));
      }
      row(n, i0, j0, s00, s01, c, decay, alpha);
      if (i0 + 1 < n) row(n, i0 + 1, j0, s10, s11, c, decay, alpha);
      if (i0 + 2 < n) row(n, i0 + 2, j0, s20, s21, c, decay, alpha);
      if (i0 + 3 < n) row(n, i0 + 3, j0, s30, s31, c, decay, alpha);
    }
  }
}

/** Stores four sums up to the diagonal, and on the other side of it. */
function row(n: i32, i: i32, j: i32, s: v128, t: v128, c: usize, decay: f64, alpha: f64): void {
  store(n, i, j, f64x2.extract_lane(s, 0), c, decay, alpha);
  if (j < i) store(n, i, j + 1, f64x2.extract_lane(s, 1), c, decay, alpha);
  if (j + 1 < i) store(n, i, j + 2, f64x2.extract_lane(t, 0), c, decay, alpha);
  if (j + 2 < i) store(n, i, j + 3, f64x2.extract_lane(t, 1), c, decay, alpha);
}

function store(n: i32, i: i32, j: i32, sum: f64, c: usize, decay: f64, alpha: f64): void {
  const at = c + ((<usize>(i * n + j)) << 3);
  // Without a share of it, what was there is not read: it may be NaN.
  const value = decay === 0 ? alpha * sum : decay * f64.load(at) + alpha * sum;
  f64.store(at, value);
  f64.store(c + ((<usize>(j * n + i)) << 3), value);
}
