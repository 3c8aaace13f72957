// C = op(A) * op(B) (+ C): the blocked loops around the register tile, in the BLIS way.
//
// Every element of C is one running sum from +0 in the order of k, whatever the blocking: a later block of k takes
// up the sum where the last left it, and the addition of the old C comes after the whole sum. Tile, packing and
// blocking can so never change a bit in the strict build.
import { ADD, COLUMNS, multiply, RESUME, START } from "./micro";
import { packPanel } from "./pack";

const KC: i32 = 512; // depth of a block: a panel of B (KC x 8, 16 KiB) stays in the L1 cache
const MC: i32 = 192; // rows of a block of A (MC x KC, 384 KiB) stay in the L2 cache; a multiple of 4 and of 6
const NC: i32 = 1024; // columns of a block of B (KC x NC, 2 MiB) stay in the L2 or L3 cache
const EDGE: usize = 192; // bytes of one tile, 6 x 8: where tiles at the rim of C are built

/** Bytes of working memory that a product of this size needs. */
export function gemmBytes(m: i32, n: i32, k: i32, accumulate: i32): i32 {
  const kc = depth(k, accumulate);
  const rows = min(m, MC) + 6, columns = min(n, NC) + COLUMNS;
  return <i32>EDGE + ((rows + columns) * kc << 2);
}

// When C is added the whole sum comes first, so k is one block then. (That is the gradient of weights, where k is
// the batch.)
function depth(k: i32, accumulate: i32): i32 {
  return accumulate ? k : min(k, KC);
}

/**
 * C [m, n] = op(A) [m, k] * op(B) [k, n], plus the old C when accumulating. transA: A is stored as [k, m];
 * transB: B is stored as [n, k]. tile: 4 or 6 rows. work: gemmBytes of memory.
 */
export function gemm(
  tile: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32,
  a: usize, b: usize, c: usize, accumulate: i32, work: usize,
): void {
  const ldc = <usize>n << 2;
  const rowA: usize = transA ? 4 : <usize>k << 2, stepA: usize = transA ? <usize>m << 2 : 4;
  const lineB: usize = transB ? 4 : <usize>n << 2, nextB: usize = transB ? <usize>k << 2 : 4;
  const kc = depth(k, accumulate);
  // Packing pays where a panel is read often enough, or where its lines would fall into few cache sets.
  const packA = n > 64 && m * k > 16384, packB = transB !== 0 || (m > 16 && n * k > 8192);
  const panelsA = work + EDGE, panelsB = panelsA + (<usize>((min(m, MC) + 6) * kc) << 2);

  for (let j0 = 0; j0 < n; j0 += NC) {
    const columns = min(n - j0, NC);
    for (let p0 = 0; p0 < k; p0 += kc) {
      const kb = min(k - p0, kc);
      const blockB = b + <usize>p0 * lineB + <usize>j0 * nextB;
      if (packB) packPanels(panelsB, COLUMNS, columns, kb, blockB, nextB, lineB);
      for (let i0 = 0; i0 < m; i0 += MC) {
        const rows = min(m - i0, MC);
        const blockA = a + <usize>i0 * rowA + <usize>p0 * stepA;
        if (packA) packPanels(panelsA, tile, rows, kb, blockA, rowA, stepA);
        for (let j = 0; j < columns; j += COLUMNS) {
          const wide = min(columns - j, COLUMNS);
          let panelB = panelsB, line: usize = 32;
          if (packB) panelB += <usize>(j * kb) << 2;
          else if (wide === COLUMNS) { panelB = blockB + <usize>j * nextB; line = lineB; }
          else packPanel(panelB, COLUMNS, wide, kb, blockB + <usize>j * nextB, nextB, lineB);
          const columnC = c + <usize>i0 * ldc + (<usize>(j0 + j) << 2);
          const mode = accumulate ? ADD : p0 > 0 ? RESUME : START;
          column(tile, packA, rows, wide, kb, panelsA, blockA, rowA, stepA, panelB, line, columnC, ldc, mode, work);
        }
      }
    }
  }
}

/** One block of A against one panel of B: a column of tiles, `wide` wide, at c. */
function column(
  tile: i32, packed: bool, rows: i32, wide: i32, k: i32, panelA: usize, a: usize, row: usize, step: usize,
  panelB: usize, line: usize, c: usize, ldc: usize, mode: i32, work: usize,
): void {
  const panel = <usize>(tile * k) << 2;
  for (let i = 0; i < rows; i += tile, a += <usize>tile * row, c += <usize>tile * ldc) {
    const high = min(rows - i, tile);
    let from = panelA, direct = false, stride = <usize>tile << 2;
    if (packed) panelA += panel;
    else if (high < tile) packPanel(panelA, tile, high, k, a, row, step);
    else {
      from = a;
      direct = step === 4;
      stride = direct ? row : step;
    }
    if (wide === COLUMNS && high === tile) {
      multiply(tile, direct, k, from, stride, panelB, line, c, ldc, mode);
      continue;
    }
    // At the rim of C the tile stands in working memory, with what it needs of C copied in and out.
    if (mode !== START) move(c, ldc, work, 32, high, wide);
    multiply(tile, direct, k, from, stride, panelB, line, work, 32, mode);
    move(work, 32, c, ldc, high, wide);
  }
}

/** Strips of `width` side by side: element (i, p) of the whole block stands at from + i * across + p * along. */
function packPanels(to: usize, width: i32, count: i32, k: i32, from: usize, across: usize, along: usize): void {
  for (let i = 0; i < count; i += width) {
    packPanel(to, width, min(count - i, width), k, from + <usize>i * across, across, along);
    to += <usize>(width * k) << 2;
  }
}

/** A rim of `rows` x `columns` floats from one stride to another. */
function move(from: usize, lineFrom: usize, to: usize, lineTo: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++, from += lineFrom, to += lineTo) memory.copy(to, from, <usize>columns << 2);
}
