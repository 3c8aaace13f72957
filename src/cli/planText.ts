import { argumentError, printable } from "../check.js";
import { decoded } from "../data/decode.js";

/**
 * The JSON in the bytes of a file: in UTF-8, or UTF-16 as some shells write it, with a byte order mark or without.
 *
 * @throws RangeError about the argument "plan", with the line and the column where the text is no JSON
 */
export function planIn(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw argumentError("plan", printable(`expected JSON, got ${placed((error as Error).message, text)}`));
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoded(bytes, "plan");
  } catch {
    throw argumentError("plan", "expected JSON, got a file that is no text");
  }
}

/** Positions as editors count them; newer hosts say line and column themselves. */
function placed(message: string, text: string): string {
  const [, position] = message.match(/ at position (\d+)$/) ?? [];
  if (position === undefined) return message;
  const before = text.slice(0, Number(position)).split("\n");
  return `${message} (line ${before.length} column ${before[before.length - 1].length + 1})`;
}
