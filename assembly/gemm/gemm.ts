// C = op(A) * op(B) (+ C): the outer three of the five loops of BLIS; block.ts has the inner two, micro.ts the register tile.
//
//   5  jc  columns of B and C in blocks of NC
//   4  pc  k in blocks of KC
//   3  ic  rows of A and C in blocks of MC
//   2  jr  panels of B, most of 8 columns (block.ts)
//   1  ir  tiles in that column           (micro.ts, narrow.ts)
//
// Every element of C is one running sum from +0 in the order of k, whatever the blocking: a later block of k resumes the
// sum where the last one left it, and the old C is added after the whole sum. So tile, packing and blocking never change a
// bit in the strict build.
import { blockAt, lastColumns, multiplyBlock, packB, STATE, sixes } from "./block";
import { ADD, COLUMNS, FRESH, RESUME } from "./micro";
import { addTo } from "./rectangle";
import { vectorTimes } from "./vector";

const KC: i32 = 512; // depth of a block: a panel of B (KC x 8, 16 KiB) stays in the L1 cache
const MC: i32 = 192; // rows of a block of A (MC x KC, 384 KiB) stay in the L2 cache; a multiple of 4 and of 6
const NC: i32 = 1024; // columns of a block of B (KC x NC, 2 MiB) stay in the L2 or L3 cache
const NC_SINGLE: i32 = 256; // the same (512 KiB, the L2 cache) where A is one block of rows and need not be read again: 2 % at 128x784x512
const SUM_ROWS: i32 = 4 * MC; // rows of a block of C (SUM_ROWS x NC, 3 MiB) that is summed aside before it is added to the old C

// Working memory: a column of tiles that cannot be built in C (ASIDE), the block at hand, panels of A, panels of B, and
// after these the sums of `sumAside`.
const ASIDE: usize = 9600; // bytes of (MC + 8) rows x 12 columns
const HEAD: usize = ASIDE + STATE;

/** Bytes of working memory that a product of this size needs: at most 5.5 MiB. */
export function gemmBytes(m: i32, n: i32, k: i32, accumulate: i32): i32 {
  const kc = min(k, KC), columns = min(n, NC) + COLUMNS;
  const rows = min(m, MC) + 6; // at least the eight rows of a rim in block.ts, as m is 2 or more there
  const sums = accumulate && k > KC ? min(m, SUM_ROWS) * min(n, NC) : 0;
  return <i32>HEAD + ((rows + columns) * kc + sums << 2);
}

/**
 * C [m, n] = op(A) [m, k] * op(B) [k, n], plus the old C when accumulating. transA: A is stored as [k, m];
 * transB: B is stored as [n, k]. strideA, strideB, strideC: elements from one stored row to the next, so that any block
 * of a larger matrix can be an operand, and each thread can compute a block of C. tile: 4 or 6 rows. work: gemmBytes of
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
  if (m === 1) { vectorTimes(n, k, a, stepA, b, lineB, nextB, c, 4, accumulate, true, work); return; }
  // In order in the relaxed build too: update rules sum rows by a column of ones, with the bits of the strict build.
  if (n === 1) { vectorTimes(m, k, b, lineB, a, stepA, rowA, c, ldc, accumulate, false, work); return; }

  const x = blockAt(work + ASIDE);
  x.tile = tile;
  x.rowA = rowA; x.stepA = stepA;
  x.lineB = lineB; x.nextB = nextB;
  x.ldc = ldc;
  x.aside = work;
  x.panelsA = work + HEAD;
  x.panelsB = x.panelsA + (<usize>((min(m, MC) + 6) * min(k, KC)) << 2);
  // A is read in place, in four or six streams along k, while it fits in the L2 cache: 5 % faster than panels at 256 cubed,
  // equal at 512, 1 to 8 % slower beyond. A transposed A touches a page of memory for every k, and is packed much sooner.
  x.packedA = n > 64 && m * k > (transA ? 16384 : 262144);
  // B is packed where its panels are read often enough: reading in place is 8 % faster for up to 48 rows, unless the rows of
  // B are so long that the tile touches another page of memory for every k.
  x.packedB = transB !== 0 || (n * k > 8192 && m > (ldb > 2048 ? 16 : 48));

  const nc = m > MC ? NC : NC_SINGLE;
  for (let jc = 0; jc < n; jc += nc) { // loop 5
    x.columns = min(n - jc, nc);
    x.last = lastColumns(x.packedA, x.columns);
    x.eights = x.columns - x.last;
    for (let pc = 0; pc < k; pc += KC) { // loop 4
      x.k = min(k - pc, KC);
      x.old = accumulate ? ADD : pc ? RESUME : FRESH;
      x.b = b + <usize>pc * lineB + <usize>jc * nextB;
      packB(x);
      for (let ic = 0; ic < m; ic += MC) { // loop 3
        x.rows = min(m - ic, MC);
        x.high = tile === 6 ? sixes(x.rows) : 0;
        x.a = a + <usize>ic * rowA + <usize>pc * stepA;
        x.c = c + <usize>ic * ldc + (<usize>jc << 2);
        multiplyBlock(x);
      }
    }
  }
}

/**
 * C += op(A) * op(B) for a k of several blocks. The old C is added after the whole sum, but blocks over k keep the running
 * sums in C itself: so a block of C at a time is summed aside. (The gradient of weights comes here, where k is the batch.)
 */
function sumAside(
  tile: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32,
  a: usize, strideA: i32, b: usize, strideB: i32, c: usize, strideC: i32, work: usize,
): void {
  const sums = work + gemmBytes(m, n, k, 0);
  for (let jc = 0; jc < n; jc += NC) {
    const columns = min(n - jc, NC), blockB = b + (<usize>jc * (transB ? strideB : 1) << 2);
    for (let ic = 0; ic < m; ic += SUM_ROWS) {
      const rows = min(m - ic, SUM_ROWS), blockA = a + (<usize>ic * (transA ? 1 : strideA) << 2);
      gemm(tile, transA, transB, rows, columns, k, blockA, strideA, blockB, strideB, sums, columns, 0, work);
      addTo(c + (<usize>ic * strideC + jc << 2), <usize>strideC << 2, sums, <usize>columns << 2, rows, columns);
    }
  }
}
