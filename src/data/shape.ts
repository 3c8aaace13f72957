import { quoted } from "../check.js";
import { BLANKS, type Records } from "./csv.js";
import { count, MISSING, numberIn } from "./table.js";

/** Records of equal width. */
export interface Grid {
  readonly rows: string[][];
  readonly lines: number[];
  readonly width: number;
  readonly notes: string[];
}

const isWord = (cell: string): boolean => !MISSING.test(cell) && Number.isNaN(numberIn(cell));

/**
 * Brings records to one width, where programs are known to write another: rows of empty cells alone are left out; a header
 * of one name less than the rows has cells stands beside row names (R), or before rows that end with a separator.
 *
 * @param header whether the first record may be a header
 * @throws RangeError naming the row, what was expected and what may be the cause
 */
export function gridOf(records: Records, file: string, delimiter: string, header: boolean): Grid {
  const notes: string[] = [];
  const { rows, lines } = filled(records, notes);
  if (rows.length === 0) throw new RangeError(`${file}: expected rows of data, got an empty file`);
  const width = rows[0].length;
  let odd = -1;
  for (let r = 1; r < rows.length && odd < 0; r++) if (rows[r].length !== width) odd = r;
  if (odd < 0) return { rows, lines, width, notes };
  const second = rows[1].length;
  const alike = second === width + 1 && header && rows.every((row, r) => r === 0 || row.length === second);
  if (alike && rows.every((row, r) => r === 0 || row[second - 1] === "")) {
    for (let r = 1; r < rows.length; r++) rows[r].pop();
    notes.push("rows end with a separator");
    return { rows, lines, width, notes };
  }
  if (alike && rows[0].every(isWord)) {
    rows[0].unshift("");
    notes.push("the header has one name less than the rows have cells: the first column are row names");
    return { rows, lines, width: second, notes };
  }
  const expected = `${count(width, "column")}, as in row ${lines[0]}`;
  const why = causeOf({ rows, lines, records }, odd, delimiter);
  throw new RangeError(`${file}, row ${lines[odd]}: expected ${expected}, got ${rows[odd].length}${why}`);
}

function filled({ rows, lines }: Records, notes: string[]): { rows: string[][]; lines: number[] } {
  const empty = (row: readonly string[]) => row.length > 1 && row.every((cell) => cell === "");
  if (!rows.some(empty)) return { rows, lines };
  const kept = rows.map((row) => !empty(row));
  const left = rows.length - kept.filter(Boolean).length;
  notes.push(`${count(left, "row")} of empty cells left out, the first in row ${lines[kept.indexOf(false)]}`);
  return { rows: rows.filter((_, r) => kept[r]), lines: lines.filter((_, r) => kept[r]) };
}

interface Ragged {
  readonly rows: readonly (readonly string[])[];
  readonly lines: readonly number[];
  readonly records: Records;
}

/** What may have made a row of another width, and what to do about it. */
function causeOf({ rows, lines, records }: Ragged, odd: number, delimiter: string): string {
  const row = rows[odd];
  const width = rows[0].length;
  for (const r of [0, odd]) {
    const mark = /^(?:#|%|\/\/|--)/.exec(rows[r][0])?.[0];
    if (mark) return `; if row ${lines[r]} is a comment, --comment '${mark}' leaves it out`;
  }
  const spanning = records.spanning.map((r) => records.lines[r]).filter((line) => line <= lines[odd]);
  if (spanning.length > 0) {
    return `; row ${spanning.at(-1)} has a quoted cell that spans lines: is one of its quotes stray?`;
  }
  const rest = rows[rows.length - 1].length;
  if (
    odd < rows.length - odd &&
    row.length === rest &&
    row.length > width &&
    rows.slice(odd).every(({ length }) => length === rest)
  ) {
    return `; if the rows before are a title, --skip ${lines[odd] - 1} leaves them out`;
  }
  if (row.length > width && delimiter === "," && row.some(isWord))
    return `; a cell that has a comma in it needs quotes, as ${quoted("a, b")}`;
  if (row.length > width && delimiter === ",")
    return "; numbers with a decimal comma need quotes, or another separator";
  if (row.length > width && delimiter === BLANKS) return "; a cell that has blanks in it needs quotes";
  if (row.length === 1) return `; is it part of the table? It begins ${quoted(row[0], 20)}`;
  return row.length < width ? "; are cells missing at its end?" : "";
}
