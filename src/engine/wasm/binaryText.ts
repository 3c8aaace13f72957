/**
 * A binary as text, for the modules that the build generates. Base64 cuts bytes up, and gzip no longer finds what repeats
 * (23.6 kB for 15.9); here a byte is always the same one or two letters. The decoder is a few lines, because a module
 * carries it. It takes some 0.3 µs a byte while it is cold, so what a start does not need is decoded later; hexadecimal,
 * which Node decodes by itself, would make all of the package 6 kB larger (gzipped).
 */

/** A binary in the letters of `encode`. */
export type Code = string;

const FIRST = 35; // "#": from here to "~" stands a byte by itself, counted from the page before it
const PAGE = 92;
const PAGES = [32, 33]; // " " and "!" put the next letter on the second page of 92 bytes, or the third

export function encode(bytes: Uint8Array): Code {
  let text = "";
  for (const byte of bytes) {
    const page = Math.floor(byte / PAGE);
    if (page > 0) text += String.fromCharCode(PAGES[page - 1]);
    text += String.fromCharCode(FIRST + (byte % PAGE));
  }
  return text;
}

export function decode(code: Code): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(code.length);
  let length = 0;
  let page = 0;
  for (let i = 0; i < code.length; i++) {
    const letter = code.charCodeAt(i);
    if (letter < FIRST) page = (letter - 31) * PAGE;
    else {
      bytes[length++] = page + letter - FIRST;
      page = 0;
    }
  }
  return bytes.subarray(0, length);
}
