/**
 * Binaries as text, for the modules that the build generates. A byte is always the same one or two letters, so that gzip
 * finds what repeats: 15.9 kB, against 23.6 for base64, whose letters straddle bytes. Hexadecimal, which Node decodes by
 * itself, would make the whole package 6 kB larger (gzipped). The decoder is short because the package carries it. While it
 * is cold it takes some 0.3 µs a byte, so a binary is decoded when it is first needed.
 */

/** A binary as `encode` writes it. */
export type BinaryText = string;

const FIRST = 35; // "#": the letters from here to "~" are the 92 bytes of a page
const PAGE = 92;
const PAGES = [32, 33]; // " " before a letter puts it on the second page, "!" on the third

export function encode(bytes: Uint8Array): BinaryText {
  let text = "";
  for (const byte of bytes) {
    const page = Math.floor(byte / PAGE);
    if (page > 0) text += String.fromCharCode(PAGES[page - 1]);
    text += String.fromCharCode(FIRST + (byte % PAGE));
  }
  return text;
}

export function decode(text: BinaryText): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let page = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (letter < FIRST) page = (letter - 31) * PAGE;
    else {
      bytes[length++] = page + letter - FIRST;
      page = 0;
    }
  }
  return bytes.subarray(0, length);
}
