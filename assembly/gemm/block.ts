// One block of A against one block of B: packing, and the inner two of the five loops (gemm.ts).
import { ADD, COLUMNS, FRESH, multiply, multiplyTwelve, RESUME } from "./micro";
import { packPanel, packPanels } from "./pack";
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
  /** Whether the last nine to twelve columns go to tiles of 3 x 12. */
  twelve: bool;
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

  /** The panel of the last one to four of twelve columns, after all others. */
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
 * Whether the one to four columns left over join the eight before them: a third less time for ten columns. Only where A is
 * in place. V8 11 alone spills tiles of 3 x 12 (6 % more time), and is recognised by what it lacks: it runs neither the fused
 * build nor 6 x 8.
 */
export function wantsTwelve(tile: i32, packedA: bool, columns: i32): bool {
  const fits = ASC_FEATURE_RELAXED_SIMD || tile === 6, over = columns & 7;
  return fits && !packedA && columns > 8 && over > 0 && over <= 4;
}

/** Packs B where it is wanted in panels. */
export function packB(x: Block): void {
  const k = x.k, eights = x.eights;
  if (x.packedB) packPanels(x.panelsB, COLUMNS, x.twelve ? eights + 8 : x.columns, k, x.b, x.nextB, x.lineB);
  if (x.twelve) packPanel(x.side, 4, x.columns & 7, k, x.b + <usize>(eights + 8) * x.nextB, x.nextB, x.lineB);
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
  packRows(x, x.panelsA, 6, high, x.a);
  packRows(x, lowPanels, 4, low, lowA);
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
  if (x.twelve) columnTwelve(x);
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

/** Loop 1 with tiles of 3 x 12, all built aside: the last nine to twelve columns, A in place. */
function columnTwelve(x: Block): void {
  const k = x.k, row = x.rowA, step = x.stepA, aside = x.aside, side = x.side;
  const eights = x.eights, wide = x.columns - eights, c = x.c + (<usize>eights << 2);
  let panelB = x.b + <usize>eights * x.nextB, line = x.lineB;
  if (x.packedB) { panelB = x.panelsB + (<usize>(eights * k) << 2); line = 32; }
  const rows = x.rows, direct = step === 4, whole = rows / 3, rest = rows - whole * 3;
  const start = beginAside(x, c, rows, wide);
  multiplyTwelve(direct, whole, k, x.a, 3 * row, direct ? row : step, panelB, line, side, aside, LINE, start);
  if (rest > 0) {
    const rim = x.panelsA;
    packPanel(rim, 4, rest, k, x.a + <usize>(rows - rest) * row, row, step);
    multiplyTwelve(false, 1, k, rim, 0, 16, panelB, line, side, aside + <usize>(rows - rest) * LINE, LINE, start);
  }
  endAside(x, c, rows, wide);
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
