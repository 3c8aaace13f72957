// An orthonormal basis of the columns of a matrix, and products, in f64. The rules: src/linalg/qr.ts.
import { addRow, addRows, DOUBLE } from "./rows";

/** Columns below this, squared, count as 0: they are far below what comes from f32. */
const TINY: f64 = 3.054936363499605e-151; // 2^-500

/** q = Q of a = QR. Returns 1, or 0 for a matrix that is not finite. work: 2 n numbers. */
export function orthonormal(n: i32, a: usize, q: usize, work: usize): i32 {
  const line = (<usize>n) << 3;
  const sums = work + line;
  for (let j = 0; j < n; j++) {
    const diagonal = a + <usize>j * (line + DOUBLE);
    let rest: f64 = 0;
    for (let i = j + 1, at = diagonal + line; i < n; i++, at += line) rest += f64.load(at) * f64.load(at);
    const f = f64.load(diagonal);
    const total = rest + f * f;
    if (!(total < Infinity)) return 0;
    let half: f64 = 0;
    if (rest > TINY) {
      const g = f >= 0 ? -sqrt(total) : sqrt(total);
      half = total - f * g;
      f64.store(diagonal, f - g);
      reflect(n - j, n - j - 1, diagonal, diagonal + DOUBLE, line, half, sums);
    }
    f64.store(work + ((<usize>j) << 3), half);
  }
  memory.fill(q, 0, <usize>n * line);
  for (let j = n - 1; j >= 0; j--) {
    const at = <usize>j * (line + DOUBLE);
    f64.store(q + at, 1);
    const half = f64.load(work + ((<usize>j) << 3));
    if (half !== 0) reflect(n - j, n - j, a + at, q + at, line, half, sums);
  }
  return 1;
}

/** x = (I - v vᵀ / half) x for `rows` rows of x, `width` wide; v is a column. */
function reflect(rows: i32, width: i32, v: usize, x: usize, line: usize, half: f64, sums: usize): void {
  memory.fill(sums, 0, (<usize>width) << 3);
  addRows(rows, width, v, line, x, line, sums);
  for (let at = sums, end = sums + ((<usize>width) << 3); at < end; at += DOUBLE) f64.store(at, f64.load(at) / half);
  for (let i = 0; i < rows; i++, v += line, x += line) addRow(width, -f64.load(v), sums, x);
}

/** c = a b, all [n, n]. */
export function multiplySquare(n: i32, a: usize, b: usize, c: usize): void {
  const line = (<usize>n) << 3;
  memory.fill(c, 0, <usize>n * line);
  for (let i = 0; i < n; i++, a += line, c += line) addRows(n, n, a, DOUBLE, b, line, c);
}
