// C = op(A) * op(B) (+ C): the blocked loops around the register tile, in the BLIS way.
//
// Every element of C is one running sum from +0 in the order of k, whatever the blocking: a later block of k takes
// up the sum where the last left it, and the addition of the old C comes after the whole sum. Tile, packing and
// blocking can so never change a bit in the strict build.
import { add, load, store } from "../lane";
import { ADD, COLUMNS, FRESH, multiply, multiplyTwelve, RESUME } from "./micro";
import { packPanel, packPanels } from "./pack";
import { vectorTimes } from "./vector";

const KC: i32 = 512; // depth of a block: a panel of B (KC x 8, 16 KiB) stays in the L1 cache
const MC: i32 = 192; // rows of a block of A (MC x KC, 384 KiB) stay in the L2 cache; a multiple of 4 and of 6
const NC: i32 = 1024; // columns of a block of B (KC x NC, 2 MiB) stay in the L2 or L3 cache
const ONCE: i32 = 256; // so many (512 KiB, the L2 cache) where A is one block of rows and need not be read again: 2 % at 128x784x512
const SUMS: i32 = 4 * MC; // rows of a block of C (SUMS x NC, 3 MiB) that is summed aside, to be added to the old C
const ASIDE: usize = 9504; // bytes of (MC + 6) x 12: a column of tiles that cannot go into C as it is
const LINE: usize = 48; // its stride

/** Bytes of working memory that a product of this size needs: at most 5.5 MiB. */
export function gemmBytes(m: i32, n: i32, k: i32, accumulate: i32): i32 {
  const kc = min(k, KC), rows = min(m, MC) + 6, columns = min(n, NC) + COLUMNS;
  const sums = accumulate && k > KC ? min(m, SUMS) * min(n, NC) : 0;
  return <i32>ASIDE + ((rows + columns) * kc + sums << 2);
}

/**
 * C [m, n] = op(A) [m, k] * op(B) [k, n], plus the old C when accumulating. transA: A is stored as [k, m];
 * transB: B is stored as [n, k]. strideA, strideB, strideC: elements from one stored row to the next, so that any block
 * of a larger matrix can be an operand, and threads can take a block of C each. tile: 4 or 6 rows. work: gemmBytes of
 * memory.
 */
export function gemm(
  tile: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32,
  a: usize, strideA: i32, b: usize, strideB: i32, c: usize, strideC: i32, accumulate: i32, work: usize,
): void {
  if (accumulate && k > KC && m > 1 && n > 1) {
    sumAside(tile, transA, transB, m, n, k, a, strideA, b, strideB, c, strideC, work);
    return;
  }
  const ldc = <usize>strideC << 2, lda = <usize>strideA << 2, ldb = <usize>strideB << 2;
  const rowA: usize = transA ? 4 : lda, stepA: usize = transA ? lda : 4;
  const lineB: usize = transB ? 4 : ldb, nextB: usize = transB ? ldb : 4;
  if (m === 1 || n === 1) {
    if (m === 1) vectorTimes(n, k, a, stepA, b, lineB, nextB, c, 4, accumulate, work);
    else vectorTimes(m, k, b, lineB, a, stepA, rowA, c, ldc, accumulate, work);
    return;
  }
  const kc = min(k, KC);
  // B is packed where its panels are read often enough: 8 % faster in place for up to 48 rows, unless its own rows are so
  // long that the tile touches another page of memory for every k. A is read in place, in four or six streams along k,
  // while it fits in the L2 cache: 5 % faster than panels at 256 cubed, as fast at 512, 1 to 8 % slower beyond. Transposed,
  // it touches a page of memory for every k, and is packed much sooner.
  const packA = n > 64 && m * k > (transA ? 16384 : 262144);
  const packB = transB !== 0 || (n * k > 8192 && m > (ldb > 2048 ? 16 : 48));
  const panelsA = work + ASIDE, panelsB = panelsA + (<usize>((min(m, MC) + 6) * kc) << 2);

  const nc = m > MC ? NC : ONCE;
  for (let j0 = 0; j0 < n; j0 += nc) {
    const columns = min(n - j0, nc);
    for (let p0 = 0; p0 < k; p0 += kc) {
      const kb = min(k - p0, kc), old = accumulate ? ADD : p0 ? RESUME : FRESH;
      const blockB = b + <usize>p0 * lineB + <usize>j0 * nextB;
      // One to four columns left over join the eight before them where A is in place: a third less time for ten. V8 11 alone
      // spills tiles of 3 x 12 (6 % more time), and tells itself by what it cannot do: neither the fused build nor 6 x 8.
      const fits = ASC_FEATURE_RELAXED_SIMD || tile === 6;
      const over = columns & 7, twelve = fits && !packA && columns > 8 && over > 0 && over <= 4;
      const eights = twelve ? columns - over - 8 : columns;
      const side = panelsB + (<usize>((eights + 8) * kb) << 2);
      if (packB) packPanels(panelsB, COLUMNS, twelve ? eights + 8 : columns, kb, blockB, nextB, lineB);
      if (twelve) packPanel(side, 4, over, kb, blockB + <usize>(eights + 8) * nextB, nextB, lineB);
      for (let i0 = 0; i0 < m; i0 += MC) {
        const rows = min(m - i0, MC), high = tile === 6 ? sixes(rows) : 0, low = rows - high;
        const blockA = a + <usize>i0 * rowA + <usize>p0 * stepA;
        const lowA = blockA + <usize>high * rowA, panelsLow = panelsA + (<usize>(high * kb) << 2);
        if (packA) {
          packPanels(panelsA, 6, high, kb, blockA, rowA, stepA);
          packPanels(panelsLow, 4, low, kb, lowA, rowA, stepA);
        } else {
          packRim(panelsA, 6, high, kb, blockA, rowA, stepA);
          packRim(panelsLow, 4, low, kb, lowA, rowA, stepA);
        }
        for (let j = 0; j < eights; j += COLUMNS) {
          const wide = min(columns - j, COLUMNS);
          let panelB = panelsB, line: usize = 32;
          if (packB) panelB += <usize>(j * kb) << 2;
          else if (wide === COLUMNS) { panelB = blockB + <usize>j * nextB; line = lineB; }
          else packPanel(panelB, COLUMNS, wide, kb, blockB + <usize>j * nextB, nextB, lineB);
          const columnC = c + <usize>i0 * ldc + (<usize>(j0 + j) << 2);
          const lowC = columnC + <usize>high * ldc;
          if (high > 0) column(6, packA, high, wide, kb, panelsA, blockA, rowA, stepA, panelB, line, columnC, ldc, old, work);
          if (low > 0) column(4, packA, low, wide, kb, panelsLow, lowA, rowA, stepA, panelB, line, lowC, ldc, old, work);
        }
        if (twelve) {
          let panelB = blockB + <usize>eights * nextB, line = lineB;
          if (packB) { panelB = panelsB + (<usize>(eights * kb) << 2); line = 32; }
          const columnC = c + <usize>i0 * ldc + (<usize>(j0 + eights) << 2);
          columnTwelve(rows, 8 + over, kb, panelsA, blockA, rowA, stepA, panelB, line, side, columnC, ldc, old, work);
        }
      }
    }
  }
}

/**
 * C += op(A) * op(B) for a k of several blocks. C is added after the whole sum, and blocks over k keep the running sums in
 * C itself: so these are made aside, a block of C at a time. (The gradient of weights comes here, where k is the batch.)
 */
function sumAside(
  tile: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32,
  a: usize, strideA: i32, b: usize, strideB: i32, c: usize, strideC: i32, work: usize,
): void {
  const sums = work + gemmBytes(m, n, k, 0);
  for (let j0 = 0; j0 < n; j0 += NC) {
    const columns = min(n - j0, NC), blockB = b + (<usize>j0 * (transB ? strideB : 1) << 2);
    for (let i0 = 0; i0 < m; i0 += SUMS) {
      const rows = min(m - i0, SUMS), blockA = a + (<usize>i0 * (transA ? 1 : strideA) << 2);
      gemm(tile, transA, transB, rows, columns, k, blockA, strideA, blockB, strideB, sums, columns, 0, work);
      addTo(c + (<usize>i0 * strideC + j0 << 2), <usize>strideC << 2, sums, <usize>columns << 2, rows, columns);
    }
  }
}

/** How many of the rows go to tiles of six so that tiles of four take the rest with the fewest rows too many. */
function sixes(rows: i32): i32 {
  const rest = rows % 6;
  if (rest === 0 || rest === 5) return rows;
  return max(rows - (rest < 3 ? rest + 6 : rest), 0);
}

/** The rows of a block in place that do not fill a tile. */
function packRim(to: usize, tile: i32, rows: i32, k: i32, from: usize, across: usize, along: usize): void {
  const rest = rows % tile;
  if (rest > 0) packPanel(to, tile, rest, k, from + <usize>(rows - rest) * across, across, along);
}

/**
 * Rows of A against one panel of B: a column of tiles, `wide` wide, at c. The rows stand in panels, or in place with their
 * rim in a panel.
 */
function column(
  tile: i32, packed: bool, rows: i32, wide: i32, k: i32, panelA: usize, a: usize, row: usize, step: usize,
  panelB: usize, line: usize, c: usize, ldc: usize, old: i32, aside: usize,
): void {
  const direct = !packed && step === 4, width = <usize>tile << 2;
  const next = packed ? width * k : <usize>tile * row, stride = packed ? width : direct ? row : step;
  const from = packed ? panelA : a;
  const whole = rows / tile, rest = rows - whole * tile;
  const here = wide === COLUMNS ? whole : 0;
  multiply(tile, direct, here, k, from, next, stride, panelB, line, c, ldc, old);
  const left = rows - here * tile;
  if (left === 0) return;

  // What is narrower or lower than a tile is built aside.
  c += <usize>(here * tile) * ldc;
  const start = old === RESUME ? RESUME : FRESH;
  if (old === RESUME) move(c, ldc, aside, LINE, left, wide);
  multiply(tile, direct, whole - here, k, from + <usize>here * next, next, stride, panelB, line, aside, LINE, start);
  if (rest > 0) {
    const last = aside + <usize>((whole - here) * tile) * LINE;
    multiply(tile, false, 1, k, packed ? from + <usize>whole * next : panelA, 0, width, panelB, line, last, LINE, start);
  }
  if (old === ADD) addTo(c, ldc, aside, LINE, left, wide);
  else move(aside, LINE, c, ldc, left, wide);
}

/** The same with tiles of 3 x 12, all aside: nine to twelve columns, A in place, `rim` a place for the rows left over. */
function columnTwelve(
  rows: i32, wide: i32, k: i32, rim: usize, a: usize, row: usize, step: usize, panelB: usize, line: usize, side: usize,
  c: usize, ldc: usize, old: i32, aside: usize,
): void {
  const direct = step === 4, whole = rows / 3, rest = rows - whole * 3, end = a + <usize>(rows - rest) * row;
  const start = old === RESUME ? RESUME : FRESH;
  if (old === RESUME) move(c, ldc, aside, LINE, rows, wide);
  multiplyTwelve(direct, whole, k, a, 3 * row, direct ? row : step, panelB, line, side, aside, LINE, start);
  if (rest > 0) {
    packPanel(rim, 4, rest, k, end, row, step);
    multiplyTwelve(false, 1, k, rim, 0, 16, panelB, line, side, aside + <usize>(rows - rest) * LINE, LINE, start);
  }
  if (old === ADD) addTo(c, ldc, aside, LINE, rows, wide);
  else move(aside, LINE, c, ldc, rows, wide);
}

/** `rows` x `columns` floats from one stride to another. */
function move(from: usize, lineFrom: usize, to: usize, lineTo: usize, rows: i32, columns: i32): void {
  const end = <usize>columns << 2, whole = end & ~15;
  for (; rows > 0; rows--, from += lineFrom, to += lineTo) {
    for (let j: usize = 0; j < whole; j += 16) store(to + j, load(from + j));
    for (let j = whole; j < end; j += 4) v128.store32_lane(to + j, v128.load32_zero(from + j), 0);
  }
}

/** to += what stands aside. */
function addTo(to: usize, lineTo: usize, aside: usize, line: usize, rows: i32, columns: i32): void {
  const end = <usize>columns << 2, whole = end & ~15;
  for (; rows > 0; rows--, aside += line, to += lineTo) {
    for (let j: usize = 0; j < whole; j += 16) store(to + j, add(load(to + j), load(aside + j)));
    for (let j = whole; j < end; j += 4) {
      v128.store32_lane(to + j, add(v128.load32_zero(to + j), v128.load32_zero(aside + j)), 0);
    }
  }
}
