import { argumentError } from "../check.js";

/** The part of a file that is a table, and the line that it starts on. */
export interface Body {
  readonly text: string;
  readonly line: number;
  /** The separator that a first line `sep=;` names. */
  readonly delimiter?: string;
}

/**
 * Leaves out the first lines, a line `sep=;` that a spreadsheet wrote, and lines of comment. Comments are blanked, so that
 * the other lines keep their numbers.
 *
 * @throws RangeError for a file with fewer lines than are to be left out
 */
export function bodyOf(text: string, file: string, skip = 0, comment?: string): Body {
  let at = text.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  const ends = /\r\n|\n|\r/g;
  ends.lastIndex = at;
  for (; line <= skip; line++) {
    if (!ends.test(text))
      throw new RangeError(`${file}: expected more than the ${skip} lines to skip, got ${line} in all`);
    at = ends.lastIndex;
  }
  const named = SEPARATOR_LINE.exec(text.slice(at, at + 64));
  if (named) {
    at += named[0].length;
    line++;
  }
  const rest = at === 0 ? text : text.slice(at);
  return {
    text: comment === undefined ? rest : withoutComments(rest, comment),
    line,
    ...(named && { delimiter: named[1] }),
  };
}

const SEPARATOR_LINE = /^"?sep=([^\r\n"])"?[;,\t| ]*(?:\r\n|\n|\r)/i;

function withoutComments(text: string, comment: string): string {
  if (comment === "") throw argumentError("comment", 'expected the text that comments begin with, got ""');
  // A line inside quotes is no comment: an odd number of quotes before it leaves a cell open.
  let open = false;
  return text.replace(/([^\r\n]*)(\r\n|\n|\r|$)/g, (all, line: string, end: string) => {
    if (!open && line.trimStart().startsWith(comment)) return end;
    for (let q = line.indexOf('"'); q >= 0; q = line.indexOf('"', q + 1)) open = !open;
    return all;
  });
}
