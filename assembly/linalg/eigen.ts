// Eigenvalues and eigenvectors of a symmetric matrix in f64. The algorithm and its bounds: src/linalg/eigen.ts. Vectors of
// f64x2 run along rows, across outputs: the same bits as the twin's plain loops.
import { accumulate, tridiagonal } from "./tridiagonal";
import { DOUBLE, mirror } from "./rows";

/** Sweeps for one eigenvalue before it counts as lost; two or three are usual. */
const SWEEPS: i32 = 60;
const EPS: f64 = 2.220446049250313e-16; // 2^-52
const FLOOR: f64 = 2.6469779601696886e-23; // 2^-75
const LARGE: f64 = 1.2676506002282294e30; // 2^100
const SMALL: f64 = 7.888609052210118e-31; // 2^-100
/**
 * Columns of a panel. The rows of a panel are neighbours in memory, so a panel of 512 rows stays in the L1 cache while it is
 * rotated; whole rows of 512 are 4 KiB apart, where they share a set of the cache.
 */
const PANEL: i32 = 8;

/** Returns 1, or 0 for a matrix that is not finite or whose iteration does not end. */
export function eigen(n: i32, a: usize, values: usize, vectors: usize): i32 {
  const line = <usize>n << 3, all = <usize>n * line;
  let most: f64 = 0, finite: f64 = 0;
  for (let i = 0, row = a; i < n; i++, row += line) {
    for (let at = row, end = row + (<usize>(i + 1) << 3); at < end; at += DOUBLE) {
      const x = f64.load(at);
      finite += x - x;
      most = max(most, abs(x));
    }
  }
  if (finite != 0) return 0;
  mirror(n, a);
  // Powers of two, so that nothing is rounded and no square overflows or vanishes.
  let unscale: f64 = 1, times = 0;
  while (most > LARGE || (most < SMALL && most > 0)) {
    const by = most > LARGE ? SMALL : LARGE;
    for (let at = a, end = a + all; at < end; at += DOUBLE) f64.store(at, f64.load(at) * by);
    most *= by;
    unscale = 1 / by;
    times++;
  }
  tridiagonal(n, a, values, vectors);
  accumulate(n, a, vectors);
  // The numbers beside the diagonal, to the front of a; behind them there is room for the rotations of a sweep.
  for (let k = 0; k < n - 1; k++) f64.store(a + (<usize>k << 3), f64.load(a + <usize>k * line + (<usize>(k + 1) << 3)));
  const rotations = a + line;
  toPanels(n, vectors, rotations);
  if (!implicitQL(n, values, a, vectors, rotations)) return 0;
  sort(n, values, vectors);
  fromPanels(n, vectors, a);
  for (; times > 0; times--) {
    for (let at = values, end = values + line; at < end; at += DOUBLE) f64.store(at, f64.load(at) * unscale);
  }
  return 1;
}

/** Diagonal d and numbers beside it e become eigenvalues and zeros; the rows of `vectors` turn with them. */
function implicitQL(n: i32, d: usize, e: usize, vectors: usize, rotations: usize): bool {
  let norm: f64 = 0;
  for (let k = 0; k < n; k++) {
    norm = max(norm, abs(at(d, k)) + (k < n - 1 ? abs(at(e, k)) : 0));
  }
  const floor = FLOOR * norm;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m < n - 1; m++) {
        const x = abs(at(e, m));
        if (x <= EPS * (abs(at(d, m)) + abs(at(d, m + 1))) || x <= floor) break;
      }
      if (m == l) break;
      if (sweep == SWEEPS) return false;
      let g = (at(d, l + 1) - at(d, l)) / (2 * at(e, l));
      let r = sqrt(g * g + 1);
      g = at(d, m) - at(d, l) + at(e, l) / (g >= 0 ? g + r : g - r);
      let s: f64 = 1, c: f64 = 1, p: f64 = 0;
      let i = m - 1, to = rotations;
      for (; i >= l; i--, to += 16) {
        const f = s * at(e, i), b = c * at(e, i);
        r = sqrt(f * f + g * g);
        if (i + 1 < m) put(e, i + 1, r);
        if (r == 0) {
          put(d, i + 1, at(d, i + 1) - p);
          if (m < n - 1) put(e, m, 0);
          break;
        }
        s = f / r;
        c = g / r;
        g = at(d, i + 1) - p;
        r = (at(d, i) - g) * s + 2 * c * b;
        p = s * r;
        put(d, i + 1, g + p);
        g = c * r - b;
        f64.store(to, s);
        f64.store(to + 8, c);
      }
      rotate(n, vectors, m, i + 1, rotations);
      if (i >= l) continue;
      put(d, l, at(d, l) - p);
      put(e, l, g);
      if (m < n - 1) put(e, m, 0);
    }
  }
  return true;
}

/** Applies the rotations of rows m - 1 and m, m - 2 and m - 1, …, down to `least` and the one above it, in every panel. */
function rotate(n: i32, vectors: usize, m: i32, least: i32, rotations: usize): void {
  let left = n;
  for (; left >= PANEL; left -= PANEL, vectors += <usize>(n * PANEL) << 3) {
    let row = vectors + (<usize>m << 6);
    let x0 = v128.load(row), x1 = v128.load(row, 16), x2 = v128.load(row, 32), x3 = v128.load(row, 48);
    for (let i = m - 1, from = rotations; i >= least; i--, from += 16, row -= 64) {
      const s = v128.load64_splat(from), c = v128.load64_splat(from, 8);
      const y0 = v128.load(row - 64), y1 = v128.load(row - 64, 16);
      const y2 = v128.load(row - 64, 32), y3 = v128.load(row - 64, 48);
      v128.store(row, f64x2.add(f64x2.mul(s, y0), f64x2.mul(c, x0)));
      v128.store(row, f64x2.add(f64x2.mul(s, y1), f64x2.mul(c, x1)), 16);
      v128.store(row, f64x2.add(f64x2.mul(s, y2), f64x2.mul(c, x2)), 32);
      v128.store(row, f64x2.add(f64x2.mul(s, y3), f64x2.mul(c, x3)), 48);
      x0 = f64x2.sub(f64x2.mul(c, y0), f64x2.mul(s, x0));
      x1 = f64x2.sub(f64x2.mul(c, y1), f64x2.mul(s, x1));
      x2 = f64x2.sub(f64x2.mul(c, y2), f64x2.mul(s, x2));
      x3 = f64x2.sub(f64x2.mul(c, y3), f64x2.mul(s, x3));
    }
    v128.store(row, x0);
    v128.store(row, x1, 16);
    v128.store(row, x2, 32);
    v128.store(row, x3, 48);
  }
  // The last panel has the width that is left.
  const width = <usize>left << 3;
  for (let j: usize = 0; j < width; j += DOUBLE) {
    let row = vectors + <usize>m * width + j;
    let x = f64.load(row);
    for (let i = m - 1, from = rotations; i >= least; i--, from += 16, row -= width) {
      const s = f64.load(from), c = f64.load(from + 8), y = f64.load(row - width);
      f64.store(row, s * y + c * x);
      x = c * y - s * x;
    }
    f64.store(row, x);
  }
}

/** Transposes every eight rows, which become a panel in the same place. work: that of eight rows, or none of a panel's. */
function toPanels(n: i32, q: usize, work: usize): void {
  for (let left = n; left > 0; left -= PANEL, q += <usize>(n * PANEL) << 3) {
    const width = min(left, PANEL);
    if (width == n) {
      // One panel, and so a square matrix, for which `work` is too small.
      for (let i = 1; i < n; i++) {
        for (let j = 0; j < i; j++) {
          const x = at(q, i * n + j);
          put(q, i * n + j, at(q, j * n + i));
          put(q, j * n + i, x);
        }
      }
      return;
    }
    memory.copy(work, q, <usize>(n * width) << 3);
    for (let k = 0; k < n; k++) for (let j = 0; j < width; j++) put(q, k * width + j, at(work, j * n + k));
  }
}

/** Panels become rows again, by way of `work`. */
function fromPanels(n: i32, vectors: usize, work: usize): void {
  for (let j0 = 0, panel = vectors; j0 < n; j0 += PANEL, panel += <usize>(n * PANEL) << 3) {
    const width = <usize>min(n - j0, PANEL) << 3;
    for (let k = 0; k < n; k++) memory.copy(work + (<usize>(k * n + j0) << 3), panel + <usize>k * width, width);
  }
  memory.copy(vectors, work, <usize>(n * n) << 3);
}

/** Sorts the eigenvalues, the least first, and the rows with them. */
function sort(n: i32, d: usize, vectors: usize): void {
  for (let i = 0; i < n - 1; i++) {
    let least = i;
    for (let j = i + 1; j < n; j++) if (at(d, j) < at(d, least)) least = j;
    if (least == i) continue;
    const x = at(d, i);
    put(d, i, at(d, least));
    put(d, least, x);
    for (let j0 = 0, panel = vectors; j0 < n; j0 += PANEL, panel += <usize>(n * PANEL) << 3) {
      const width = min(n - j0, PANEL);
      for (let j = 0; j < width; j++) {
        const y = at(panel, i * width + j);
        put(panel, i * width + j, at(panel, least * width + j));
        put(panel, least * width + j, y);
      }
    }
  }
}

@inline
function at(x: usize, k: i32): f64 {
  return f64.load(x + (<usize>k << 3));
}
@inline
function put(x: usize, k: i32, value: f64): void {
  f64.store(x + (<usize>k << 3), value);
}
