/** How wide a terminal is, how wide a text is on it, and text wrapped to fit. */
import { printable } from "../check.js";

/** Columns to fill where the output is no terminal, and the most that lines of text fill: longer ones are hard to read. */
const USUAL = 80;
const WIDEST = 100;
const NARROWEST = 40;

/** Columns that an output has. */
export const columns = (stream: { columns?: number } = process.stdout): number =>
  Math.max(NARROWEST, stream.columns || USUAL);

/** Columns that text fills. */
export const textColumns = (): number => Math.min(columns(), WIDEST);

/** Whether a terminal moves its cursor when told to, which a bar that is drawn over itself needs. */
export const movesCursor = ({ isTTY = false }: { isTTY?: boolean }): boolean =>
  isTTY && process.env.TERM !== "dumb" && !process.env.NO_COLOR;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Characters that take two columns: the wide and full-width ones of East Asian scripts (Unicode Standard Annex #11), by
 * script and block, and emoji.
 */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\u3000-\u303e\u30fb\u30fc\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]|^\p{Emoji}\ufe0f|^\p{Regional_Indicator}{2}/u;
const HALF_WIDE = /^[\uff61-\uffdc]/;
/** The marks of half-width Katakana, which take a column of their own. */
const HALF_MARK = /[\uff9e\uff9f]/g;
const NO_WIDTH = /^[\p{M}\p{Cf}\p{Cc}]+$/u;

/** Columns that a text takes on a terminal. */
export function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let sum = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (NO_WIDTH.test(segment)) continue;
    sum += WIDE.test(segment) && !HALF_WIDE.test(segment) ? 2 : 1;
    sum += segment.slice(1).match(HALF_MARK)?.length ?? 0;
  }
  return sum;
}

/** A text with blanks after it, or before it, that fill the columns. */
export const padded = (text: string, columns: number, right = false): string => {
  const blanks = " ".repeat(Math.max(0, columns - width(text)));
  return right ? blanks + text : text + blanks;
};

/** A text of at most so many columns, with … for what is left out. */
export function clipped(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = "";
  let sum = 1; // …
  for (const { segment } of graphemes.segment(text)) {
    sum += width(segment);
    if (sum > columns) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * Breaks a text between words into lines of at most so many columns, the second and later ones after `indent`. A longer
 * word, such as a path, stays whole, so that it can be copied. What a terminal must not have raw is escaped.
 */
export function wrapped(text: string, columns: number, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const word of printable(text).split(" ")) {
    const wide = width(word);
    if (line !== "" && used + 1 + wide > columns) {
      lines.push(line);
      line = "";
    }
    const start = line === "" ? (lines.length === 0 ? "" : indent) : `${line} `;
    used = (line === "" ? width(start) : used + 1) + wide;
    line = start + word;
  }
  return [...lines, line].map((each) => each.trimEnd());
}
