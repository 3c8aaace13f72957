// Sums of rows in f64: what tridiagonal forms, factors and inverses spend their time on. Vectors run across the elements of
// a row, so each element is one running sum in the order of the rows, as in a plain loop.

export const DOUBLE: usize = 8;

/**
 * y += sum of x[k] * row k, in the order of k, over `width` elements. step, line: bytes from one x and from one row to the
 * next. Four rows at a time, so that y is read and written once for each four.
 */
export function addRows(count: i32, width: i32, x: usize, step: usize, rows: usize, line: usize, y: usize): void {
  const pairs = <usize>(width & ~1) << 3, all = <usize>width << 3;
  let k = 0;
  for (; k + 4 <= count; k += 4, x += 4 * step, rows += 4 * line) {
    const x0 = v128.load64_splat(x), x1 = v128.load64_splat(x + step);
    const x2 = v128.load64_splat(x + 2 * step), x3 = v128.load64_splat(x + 3 * step);
    const r1 = rows + line, r2 = r1 + line, r3 = r2 + line;
    for (let j: usize = 0; j < pairs; j += 16) {
      let s = f64x2.add(v128.load(y + j), f64x2.mul(x0, v128.load(rows + j)));
      s = f64x2.add(s, f64x2.mul(x1, v128.load(r1 + j)));
      s = f64x2.add(s, f64x2.mul(x2, v128.load(r2 + j)));
      v128.store(y + j, f64x2.add(s, f64x2.mul(x3, v128.load(r3 + j))));
    }
    if (pairs < all) {
      let s = f64.load(y + pairs) + f64.load(x) * f64.load(rows + pairs);
      s += f64.load(x + step) * f64.load(r1 + pairs);
      s += f64.load(x + 2 * step) * f64.load(r2 + pairs);
      f64.store(y + pairs, s + f64.load(x + 3 * step) * f64.load(r3 + pairs));
    }
  }
  for (; k < count; k++, x += step, rows += line) addRow(width, f64.load(x), rows, y);
}

/** y += x * row */
export function addRow(width: i32, x: f64, row: usize, y: usize): void {
  const pairs = <usize>(width & ~1) << 3;
  const X = f64x2.splat(x);
  for (let j: usize = 0; j < pairs; j += 16) {
    v128.store(y + j, f64x2.add(v128.load(y + j), f64x2.mul(X, v128.load(row + j))));
  }
  if (width & 1) f64.store(y + pairs, f64.load(y + pairs) + x * f64.load(row + pairs));
}

/** row = x * row */
export function scaleRow(width: i32, x: f64, row: usize): void {
  for (const end = row + (<usize>width << 3); row < end; row += DOUBLE) f64.store(row, x * f64.load(row));
}

/** Copies the triangle below the diagonal of a square matrix to the one above. */
export function mirror(n: i32, a: usize): void {
  const line = <usize>n << 3;
  for (let i = 1, row = a + line; i < n; i++, row += line) {
    for (let from = row, to = a + (<usize>i << 3), end = row + (<usize>i << 3); from < end; from += DOUBLE, to += line) {
      f64.store(to, f64.load(from));
    }
  }
}
