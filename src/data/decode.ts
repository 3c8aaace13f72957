import { argumentError, quoted } from "../check.js";
import { kindOf } from "./fileKind.js";

/**
 * The text of a file. Without an encoding it is UTF-8, or UTF-16 if it has a byte order mark or is evidently UTF-16. What
 * does not decode is refused: a U+FFFD in its place would make one class of Müller and Möller.
 *
 * @param asked the encoding, as a label that TextDecoder knows
 * @throws RangeError for files that are no text, and for bytes that the encoding does not have
 */
export function decoded(bytes: Uint8Array, file: string, asked?: string): string {
  const wanted = asked === undefined ? undefined : encodingOf(asked);
  const kind = kindOf(bytes);
  if (kind) throw new RangeError(`${file}: expected a CSV file, got ${kind.what}; ${kind.advice}`);
  const mark = MARKS.find(({ start }) => start.every((byte, i) => bytes[i] === byte));
  if (mark && wanted !== undefined && wanted !== mark.encoding) {
    const got = `the byte order mark of ${mark.encoding.toUpperCase()}`;
    throw new RangeError(`${file}: expected ${wanted}, as asked for, got ${got}; leave the encoding out`);
  }
  const encoding = mark?.encoding ?? wanted ?? likelyUtf16(bytes) ?? "utf-8";
  const wide = encoding.startsWith("utf-16");
  const nul = wide ? -1 : bytes.indexOf(0);
  if (nul >= 0) throw binary(file, `NUL at byte ${nul}`);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw encoding === "utf-8" ? notUtf8(bytes, file) : undecodable(file, encoding);
  }
  if (wide && text.includes("\0")) throw binary(file, "NUL");
  return encoding === "windows-1252" ? text.replace(/[\u0080-\u009f]/g, (c) => WINDOWS[c.charCodeAt(0) - 0x80]) : text;
}

/** Windows-1252 from 0x80 to 0x9F, which TextDecoder of Node 20 takes for Latin-1's control characters. */
const WINDOWS = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/**
 * The standard name of an encoding.
 * @throws RangeError, about the argument "encoding", for a label that TextDecoder does not know
 */
export function encodingOf(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    const known = "utf-8, utf-16le, latin1, windows-1252, windows-1251, shift_jis, gb18030";
    throw argumentError("encoding", `expected a label that TextDecoder knows (${known} …), got ${quoted(label)}`);
  }
}

const MARKS: readonly { encoding: string; start: readonly number[] }[] = [
  { encoding: "utf-8", start: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", start: [0xff, 0xfe] },
  { encoding: "utf-16be", start: [0xfe, 0xff] },
];

/** How much of a file is looked at to find out what it is. */
const SAMPLE = 4096;

/** UTF-16 without a mark: digits, separators and line ends have a zero byte each, all on one side. */
function likelyUtf16(bytes: Uint8Array): string | undefined {
  const sample = bytes.subarray(0, Math.min(SAMPLE, bytes.length & ~1));
  return ["utf-16le", "utf-16be"].find((encoding, low) => {
    let zeros = 0;
    let wrong = 0;
    let breaks = 0;
    for (let i = 0; i < sample.length; i += 2) {
      const high = sample[i + 1 - low];
      const byte = sample[i + low];
      if (high === 0) zeros++;
      if (byte === 0 || (high !== 0 && (byte === 10 || byte === 13))) wrong++;
      else if (byte === 10 || byte === 13) breaks++;
    }
    const likely = breaks > wrong && zeros * 10 > sample.length && wrong * 100 <= sample.length;
    // Small whole numbers of two bytes look the same, but for control characters.
    return likely && !CONTROL.test(new TextDecoder(encoding).decode(sample));
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/;

function binary(file: string, found: string): RangeError {
  return new RangeError(`${file}: expected a CSV file, got a binary file (${found}); export its table as CSV`);
}

function undecodable(file: string, encoding: string): RangeError {
  return new RangeError(`${file}: expected text in ${encoding}, got bytes that it does not have; give its encoding`);
}

/** Names the first byte that is not UTF-8, and shows the word around it as it would be in Windows-1252. */
function notUtf8(bytes: Uint8Array, file: string): RangeError {
  const sample = bytes.subarray(0, SAMPLE);
  const controls = sample.filter((byte) => byte < 9 || (byte > 13 && byte < 32)).length;
  if (controls * 20 > sample.length) return binary(file, "control characters throughout");
  const { line, start, end, at } = firstInvalid(bytes);
  const isWord = (byte: number) => byte > 0x7f || /\w/.test(String.fromCharCode(byte));
  let from = at;
  let to = at + 1;
  while (from > start && at - from < 20 && isWord(bytes[from - 1])) from--;
  while (to < end && to - at < 20 && isWord(bytes[to])) to++;
  const word = quoted(new TextDecoder("windows-1252").decode(bytes.subarray(from, to)));
  const got = `byte 0x${bytes[at].toString(16).toUpperCase().padStart(2, "0")} at byte ${at - start + 1} of the row`;
  const advice = `if ${word} is meant, it is Windows-1252: --encoding latin1`;
  return new RangeError(`${file}, row ${line}: expected UTF-8, got ${got}; ${advice}`);
}

/** The line of the first byte that UTF-8 does not allow, and its place. A line end is never part of another character. */
function firstInvalid(bytes: Uint8Array): { line: number; start: number; end: number; at: number } {
  const decodes = (from: number, to: number, stream: boolean): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(from, to), { stream });
      return true;
    } catch {
      return false;
    }
  };
  let line = 1;
  let start = 0;
  for (;;) {
    let end = start;
    while (end < bytes.length && bytes[end] !== 10 && bytes[end] !== 13) end++;
    if (!decodes(start, end, false)) {
      let at = start;
      while (at < end && decodes(start, at + 1, true)) at++;
      // All bytes are allowed, but the line ends within a character: its lead byte is the wrong one.
      if (at === end) for (at = end - 1; at > start && (bytes[at] & 0xc0) === 0x80; ) at--;
      return { line, start, end, at };
    }
    if (end >= bytes.length) return { line, start, end, at: start }; // unreachable: some line does not decode
    start = end + (bytes[end] === 13 && bytes[end + 1] === 10 ? 2 : 1);
    line++;
  }
}
