/** What files write where a value is missing: empty cells, the words of pandas, R, SQL and Excel, and lone signs. */
const WORDS = new Set(
  [
    "",
    "?",
    "-",
    "--",
    ".",
    "na",
    "n/a",
    "#n/a",
    "#na",
    "n.a.",
    "<na>",
    "nan",
    "-nan",
    "null",
    "\\n",
    "nil",
    "#null!",
  ].map((word) => word.toLowerCase()),
);

/** The longest of the words. */
const LONGEST = 6;

/** Whether a cell stands for a missing value. "None" does only among numbers: among words it may be one. */
export function isMissing(cell: string): boolean {
  if (cell.length > LONGEST) return false;
  // Most cells are numbers.
  const first = cell.charCodeAt(0);
  return !(first >= 48 && first <= 57) && WORDS.has(cell.toLowerCase());
}

/** The same for a column of numbers or dates. */
export const isMissingNumber = (cell: string): boolean => isMissing(cell) || /^none$/i.test(cell);
