/**
 * Text of a file or of a caller as a terminal may have it, on one line: control characters, which could clear the screen
 * or forge a line, line separators, and marks of direction, which could reorder one, are written as escapes. Escaping
 * twice changes nothing.
 */
export const printable = (text: string): string => text.replace(UNSAFE, escaped);

/** JSON that prints nothing raw either, and says the same: its strings may hold any character. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNSAFE, (character) => `\\u${hex(character, 4)}`);

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]/g;

const SHORT: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escaped(character: string): string {
  return SHORT[character] ?? (character < "\u0100" ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`);
}

const hex = (character: string, digits: number): string => character.charCodeAt(0).toString(16).padStart(digits, "0");
