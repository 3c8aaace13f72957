import { type DecimalSign, MISSING, numberIn } from "./table.js";

type Rows = readonly (readonly string[])[];

/** How many rows are looked at: in all of a long file, this would take longer than reading it. */
const SAMPLE = 1000;

/**
 * Whether the first row names the columns:
 *
 * - it numbers them, 0, 1, 2 …, as pandas does where they have no names, an index column apart;
 * - some column has a word there and mostly numbers below;
 * - there are no columns of numbers, and every column of few values has a word there that it has nowhere below;
 * - it is all there is, and all words.
 */
export function looksLikeHeader(rows: Rows, decimal: DecimalSign): boolean {
  const [first, ...below] = rows.slice(0, SAMPLE);
  const isNumber = (cell: string) => !Number.isNaN(numberIn(cell, decimal));
  const isWord = (cell: string) => !MISSING.test(cell) && !isNumber(cell);
  if (below.length === 0) return first.every(isWord);
  if (numbersColumns(first)) return first.length > 2 ? !continues(first, below[0]) : fractions(below, decimal);
  let words = 0;
  let numbers = 0;
  let numberColumns = 0;
  for (let j = 0; j < first.length; j++) {
    // Mostly: a single misspelt number must not turn the header into a row of data.
    let found = 0;
    let filled = 0;
    for (const row of below) {
      if (isNumber(row[j])) found++;
      if (!MISSING.test(row[j])) filled++;
    }
    if (found === 0 || found * 2 <= filled) continue;
    numberColumns++;
    if (isWord(first[j])) words++;
    else if (isNumber(first[j])) numbers++;
  }
  // Years, too, are names, beside a word; other numbers are data, if there are more of them than words.
  if (words > 0) return words >= numbers || consecutive(first.filter(isNumber));
  if (numberColumns > 0)
    return first.some(isWord) && numbers > 2 && consecutive(first.filter(isNumber)) && !continues(first, below[0]);
  return first.every(isWord) && new Set(first).size === first.length && novel(first, below);
}

/** Whether the cells are 0, 1, 2 … throughout, or after an empty cell, which stands above an index. */
function numbersColumns(first: readonly string[]): boolean {
  const from = first[0] === "" ? 1 : 0;
  return first.length - from > 1 && first.slice(from).every((cell, j) => cell === String(j));
}

/** Whether a row goes on where the first one began: 1, 2, 3 after 0, 1, 2 is a row of such data. */
const continues = (first: readonly string[], second: readonly string[]): boolean =>
  second.every((cell, j) => Number(cell) === Number(first[j]) + 1);

/** Whether the columns hold fractions or text, which 0 and 1 above them are no part of. */
const fractions = (below: Rows, decimal: DecimalSign): boolean =>
  below[0].every((_, j) => below.some((row) => !MISSING.test(row[j]) && !Number.isInteger(numberIn(row[j], decimal))));

/** Whether numbers count up one by one, as years do. */
const consecutive = (cells: readonly string[]): boolean =>
  cells.length > 1 && cells.every((cell, j) => /^\d+$/.test(cell) && Number(cell) === Number(cells[0]) + j);

/** Whether the first row's words are none of those below, wherever values repeat. */
function novel(first: readonly string[], below: Rows): boolean {
  let repeating = 0;
  for (let j = 0; j < first.length; j++) {
    const values = new Set<string>();
    for (const row of below) values.add(row[j]);
    if (values.has(first[j])) return false;
    if (values.size * 2 <= below.length) repeating++;
  }
  return repeating > 0;
}

/**
 * The index of a row of units (mm, kg) below a header: a row with no number in any column of numbers, of which there are at
 * least two.
 */
export function hasUnits(rows: Rows, decimal: DecimalSign): boolean {
  const [first, ...below] = rows.slice(0, SAMPLE);
  if (below.length < 2) return false;
  let words = 0;
  for (let j = 0; j < first.length; j++) {
    let found = 0;
    for (const row of below) if (MISSING.test(row[j]) || !Number.isNaN(numberIn(row[j], decimal))) found++;
    if (found * 10 < below.length * 9) continue;
    if (!Number.isNaN(numberIn(first[j], decimal))) return false;
    if (!MISSING.test(first[j])) words++;
  }
  return words > 1;
}
