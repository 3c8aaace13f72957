/** Bytes as text and back. `btoa` goes by way of a string of characters, and bare contexts have none. */

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function toBase64(bytes: Uint8Array): string {
  const text: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b = 0, c = 0] = [bytes[i], bytes[i + 1], bytes[i + 2]];
    text.push(DIGITS[a >> 2] + DIGITS[((a & 3) << 4) | (b >> 4)]);
    text.push(i + 1 < bytes.length ? DIGITS[((b & 15) << 2) | (c >> 6)] : "=");
    text.push(i + 2 < bytes.length ? DIGITS[c & 63] : "=");
  }
  return text.join("");
}

/** The bytes; undefined for text that is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < digits.length; i++) {
    held = ((held << 6) | DIGITS.indexOf(digits[i])) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
}
