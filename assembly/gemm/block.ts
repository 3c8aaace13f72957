// One block of A against one block of B: packing, and the inner two of the five loops (gemm.ts).
import { ADD, COLUMNS, FRESH, multiply, RESUME } from "./micro";
import { multiplyFour, multiplyTen, multiplyTwelve } from "./narrow";
import { packPanel, packPanels, packTwice } from "./pack";
import { addTo, move } from "./rectangle";

/** Bytes that a Block takes up, to the next line of the cache. */
export const STATE: usize = 128;
const LINE: usize = 48; // bytes of a row of what is built aside: 12 columns

/**
 * The block at hand. It stands in working memory: a binary must have no mutable globals (src/build/inspect.ts), and as
 * arguments its fields would be twenty. The loops read each field at most once a panel of B, and never in a tile: 4 rows
 * take 0.99 to 1.01 of the time with all in locals at 32x64x10 and 64 cubed, 1.04 to 1.06 (4 ns) at 8 cubed; 6 rows, up to 1.08 at
 * 32x64x10, 0.95 at 32x32x128.
 */
@unmanaged
export class Block {
  // Once a product.
  /** Rows of a tile: 4 or 6. */
  tile: i32;
  /** Whether A and B are packed into panels, and not read in place. */
  packedA: bool;
  packedB: bool;
  /** Bytes from one element to the next: of op(A) down (rowA) and along k (stepA), of op(B) along k (lineB) and across (nextB). */
  rowA: usize; stepA: usize;
  lineB: usize; nextB: usize;
  /** Bytes from one row of C to the next. */
  ldc: usize;
  /** Working memory: tiles that cannot be built in C, and panels. */
  aside: usize;
  panelsA: usize;
  panelsB: usize;

  // Once a block of B.
  columns: i32;
  /** How many of the last columns go to tiles of another width than 8: 0, up to 4, or 9 to 12. */
  last: i32;
  /** Columns that go to tiles of 8. */
  eights: i32;
  /** Depth of the block. */
  k: i32;
  /** What becomes of the old C: FRESH, RESUME or ADD. */
  old: i32;
  b: usize;

  // Once a block of A.
  rows: i32;
  /** Rows that go to tiles of six; tiles of four do those below. */
  high: i32;
  a: usize;
  c: usize;

  /** The panel of what is beyond eight of the last nine to twelve columns, after all others: four wide, or two columns twice. */
  @inline
  get side(): usize {
    return this.panelsB + (<usize>((this.eights + 8) * this.k) << 2);
  }
}

/** The block that stands at this address of working memory. */
export function blockAt(place: usize): Block {
  return changetype<Block>(place);
}

/**
 * How many of the last columns go to tiles of another width than 8 (narrow.ts). In the strict build, one to four left over
 * join the eight before them: 9 to 12. In the relaxed build only two do, for 10; one, three and four go alone, as they do in
 * both builds where there are fewer than eight. Only where A is in place. Ten columns take 0.66 of the time of sixteen in the
 * relaxed build; three take 0.65 of what they take in a tile of eight.
 */
export function lastColumns(packedA: bool, columns: i32): i32 {
  const over = columns & 7;
  if (packedA || over === 0 || over > 4) return 0;
  return columns > 8 && (!ASC_FEATURE_RELAXED_SIMD || over === 2) ? over + 8 : over;
}

/** Packs B where it is wanted in panels, and always what is beyond eight of the last columns. */
export function packB(x: Block): void {
  const k = x.k, last = x.last, whole = x.eights + 8;
  if (x.packedB) packPanels(x.panelsB, COLUMNS, last > 8 ? whole : x.columns, k, x.b, x.nextB, x.lineB);
  if (last <= 8) return;
  const from = x.b + <usize>whole * x.nextB;
  if (ASC_FEATURE_RELAXED_SIMD) packTwice(x.side, k, from, x.nextB, x.lineB);
  else packPanel(x.side, 4, last - 8, k, from, x.nextB, x.lineB);
}

/** Packs `rows` rows of A from `a` on for tiles of this height: all, or of an A in place those that do not fill a tile. */
function packRows(x: Block, to: usize, tile: i32, rows: i32, a: usize): void {
  if (x.packedA) { packPanels(to, tile, rows, x.k, a, x.rowA, x.stepA); return; }
  const rest = rows % tile;
  if (rest > 0) packPanel(to, tile, rest, x.k, a + <usize>(rows - rest) * x.rowA, x.rowA, x.stepA);
}

/** How many of the rows go to tiles of six so that tiles of four take the rest with the fewest rows in excess. */
export function sixes(rows: i32): i32 {
  const rest = rows % 6;
  if (rest === 0 || rest === 5) return rows;
  return max(rows - (rest < 3 ? rest + 6 : rest), 0);
}

/** Packs A. Then loop 2: all panels of B, each against the rows in tiles of six and those below in tiles of four. */
export function multiplyBlock(x: Block): void {
  const k = x.k, eights = x.eights, high = x.high, low = x.rows - high;
  const lowA = x.a + <usize>high * x.rowA, lowPanels = x.panelsA + (<usize>(high * k) << 2);
  if (eights > 0) {
    packRows(x, x.panelsA, 6, high, x.a);
    packRows(x, lowPanels, 4, low, lowA);
  }
  for (let jr = 0; jr < eights; jr += COLUMNS) {
    const wide = min(x.columns - jr, COLUMNS);
    let panelB = x.panelsB, line: usize = 32;
    if (x.packedB) panelB += <usize>(jr * k) << 2;
    else if (wide === COLUMNS) { panelB = x.b + <usize>jr * x.nextB; line = x.lineB; }
    else packPanel(panelB, COLUMNS, wide, k, x.b + <usize>jr * x.nextB, x.nextB, x.lineB);
    const c = x.c + (<usize>jr << 2);
    if (high > 0) column(x, 6, high, wide, x.panelsA, x.a, panelB, line, c);
    if (low > 0) column(x, 4, low, wide, lowPanels, lowA, panelB, line, c + <usize>high * x.ldc);
  }
  if (x.last > 8) columnWide(x);
  else if (x.last > 0) columnFour(x);
}

/**
 * Loop 1: `rows` rows of A against one panel of B, `wide` columns of C at c. The rows are in panels, or in place at `a` with
 * those that do not fill a tile in a panel.
 */
function column(
  x: Block, tile: i32, rows: i32, wide: i32, panelA: usize, a: usize, panelB: usize, line: usize, c: usize,
): void {
  const packed = x.packedA, step = x.stepA, row = x.rowA, k = x.k, ldc = x.ldc, old = x.old, aside = x.aside;
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
  const start = beginAside(x, c, left, wide);
  multiply(tile, direct, whole - here, k, from + <usize>here * next, next, stride, panelB, line, aside, LINE, start);
  if (rest > 0) {
    const last = aside + <usize>((whole - here) * tile) * LINE;
    multiply(tile, false, 1, k, packed ? from + <usize>whole * next : panelA, 0, width, panelB, line, last, LINE, start);
  }
  endAside(x, c, left, wide);
}

/** Loop 1 for the last nine to twelve columns, A in place. */
function columnWide(x: Block): void {
  const eights = x.eights, c = x.c + (<usize>eights << 2);
  let panelB = x.b + <usize>eights * x.nextB, line = x.lineB;
  if (x.packedB) { panelB = x.panelsB + (<usize>(eights * x.k) << 2); line = 32; }
  if (ASC_FEATURE_RELAXED_SIMD) columnTen(x, panelB, line, c);
  else columnTwelve(x, panelB, line, c);
}

/** Whole tiles in C, and rows that do not fill one aside. */
function columnTen(x: Block, panelB: usize, line: usize, c: usize): void {
  const k = x.k, row = x.rowA, rows = x.rows, rest = rows & 3, ldc = x.ldc, side = x.side;
  multiplyTen(rows >> 2, k, x.a, 4 * row, row, x.stepA, panelB, line, side, c, ldc, x.old);
  if (rest === 0) return;
  c += <usize>(rows - rest) * ldc;
  const start = beginAside(x, c, rest, 10);
  multiplyTen(1, k, packRest(x, 4, rest), 0, 4, 16, panelB, line, side, x.aside, LINE, start);
  endAside(x, c, rest, 10);
}

/** All rows aside. */
function columnTwelve(x: Block, panelB: usize, line: usize, c: usize): void {
  const k = x.k, row = x.rowA, rows = x.rows, rest = rows & 1, side = x.side, aside = x.aside;
  const start = beginAside(x, c, rows, x.last);
  multiplyTwelve(rows >> 1, k, x.a, 2 * row, row, x.stepA, panelB, line, side, aside, LINE, start);
  if (rest > 0) {
    const a = x.a + <usize>(rows - 1) * row; // read as two rows, of which the second is the first
    multiplyTwelve(1, k, a, 0, 0, x.stepA, panelB, line, side, aside + <usize>(rows - 1) * LINE, LINE, start);
  }
  endAside(x, c, rows, x.last);
}

/** Loop 1 for the last one to four columns, A in place; all rows aside. */
function columnFour(x: Block): void {
  const k = x.k, row = x.rowA, aside = x.aside, rows = x.rows, rest = rows & 7, wide = x.last, eights = x.eights;
  const c = x.c + (<usize>eights << 2);
  let panelB = x.panelsB, line: usize = 32;
  if (x.packedB) panelB += <usize>(eights * k) << 2;
  else { line = 16; packPanel(panelB, 4, wide, k, x.b + <usize>eights * x.nextB, x.nextB, x.lineB); }
  const start = beginAside(x, c, rows, wide);
  multiplyFour(rows >> 3, k, x.a, 8 * row, row, x.stepA, panelB, line, aside, LINE, start);
  if (rest > 0) {
    const to = aside + <usize>(rows - rest) * LINE;
    multiplyFour(1, k, packRest(x, 8, rest), 0, 4, 32, panelB, line, to, LINE, start);
  }
  endAside(x, c, rows, wide);
}

/** Packs the rows of A that do not fill the last tile of this height. */
function packRest(x: Block, tile: i32, rest: i32): usize {
  packPanel(x.panelsA, tile, rest, x.k, x.a + <usize>(x.rows - rest) * x.rowA, x.rowA, x.stepA);
  return x.panelsA;
}

/** Prepares to build `rows` x `wide` of C at c aside; returns what tiles do with what is there: FRESH or RESUME. */
function beginAside(x: Block, c: usize, rows: i32, wide: i32): i32 {
  if (x.old !== RESUME) return FRESH;
  move(c, x.ldc, x.aside, LINE, rows, wide);
  return RESUME;
}

/** Moves or adds to C what has been built aside. Inlined: as a call it takes 3 % more time at 32x64x10. */
@inline
function endAside(x: Block, c: usize, rows: i32, wide: i32): void {
  if (x.old === ADD) addTo(c, x.ldc, x.aside, LINE, rows, wide);
  else move(x.aside, LINE, c, x.ldc, rows, wide);
}
