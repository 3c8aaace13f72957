// The twins of assembly/linalg/rows.ts: parts of the twins of this folder, on offsets into arrays.

/** y += sum of x[k] * row k, in the order of k, over `width` elements. step, line: from one x and from one row to the next. */
export function addRows(
  count: number,
  width: number,
  x: Float64Array,
  atX: number,
  step: number,
  rows: Float64Array,
  atRows: number,
  line: number,
  y: Float64Array,
  atY: number,
): void {
  for (let k = 0; k < count; k++) addRow(width, x[atX + k * step], rows, atRows + k * line, y, atY);
}

/** y += x * row */
export function addRow(width: number, x: number, row: Float64Array, atRow: number, y: Float64Array, atY: number): void {
  for (let j = 0; j < width; j++) y[atY + j] += x * row[atRow + j];
}

/** row = x * row */
export function scaleRow(width: number, x: number, row: Float64Array, atRow: number): void {
  for (let j = atRow; j < atRow + width; j++) row[j] = x * row[j];
}

/** Copies the triangle below the diagonal of a square matrix to the one above. */
export function mirror(n: number, a: Float64Array): void {
  for (let i = 1; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
}
