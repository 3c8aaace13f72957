/** Encodings, and files that are no text. */
import { describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const utf16 = (text: string, little: boolean) => {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), little);
  return bytes;
};
const NAMES = "name,n\nMüller,1\nMöller,2\nMaier,3\n";
const cells = (bytes: Uint8Array, encoding?: string) =>
  parseTable(bytes, "f.csv", { encoding }).rows.map(([name]) => name);

describe("text", () => {
  it.each([
    ["UTF-8", bytesOf(NAMES)],
    ["UTF-8 with a mark", bytesOf(`\ufeff${NAMES}`)],
    ["UTF-16 LE", utf16(NAMES, true)],
    ["UTF-16 BE", utf16(NAMES, false)],
    ["UTF-16 LE with a mark", utf16(`\ufeff${NAMES}`, true)],
    ["UTF-16 BE with a mark", utf16(`\ufeff${NAMES}`, false)],
  ])("in %s is found out", (_, bytes) => {
    const table = parseTable(bytes, "f.csv");
    expect(table.names).toEqual(["name", "n"]);
    expect(table.rows.map(([name]) => name)).toEqual(["Müller", "Möller", "Maier"]);
  });

  it("in another encoding is refused, with row, byte and what to do", () => {
    expect(() => cells(latin1(NAMES))).toThrow(
      new RangeError(
        'f.csv, row 2: expected UTF-8, got byte 0xFC at byte 2 of the row; if "Müller" is meant, it is Windows-1252: --encoding latin1',
      ),
    );
    // A lead byte right before the end of a line.
    expect(() => cells(latin1("name,n\r\nx,1\r\ncaf\u00e9\r\n"))).toThrow(/row 3: .* 0xE9 at byte 4 .*"café"/);
  });

  it("is read in the encoding that is asked for", () => {
    expect(cells(latin1(NAMES), "latin1")).toEqual(["Müller", "Möller", "Maier"]);
    expect(cells(latin1("name,n\n\u0080,1\n5,2\n"), "windows-1252")[0]).toBe("€");
    expect(cells(Uint8Array.from([...bytesOf("a,n\n"), 0x83, 0x41, ...bytesOf(",1\nx,2\n")]), "shift_jis")[0]).toBe(
      "ア",
    );
    expect(() => cells(bytesOf(NAMES), "latin9x")).toThrow(/^encoding: expected a label .*, got "latin9x"$/);
    expect(() => cells(bytesOf(`\ufeff${NAMES}`), "latin1")).toThrow(/windows-1252, as asked for, got .* UTF-8; leave/);
  });

  it("that is cut in the middle of a character is refused", () => {
    expect(() => cells(utf16(NAMES, true).subarray(0, -1))).toThrow(/expected text in utf-16le/);
    expect(() => cells(bytesOf("a,n\nx,1\ny,ü").subarray(0, -1))).toThrow(/row 3: expected UTF-8, got byte 0xC3/);
  });

  it("with U+FFFD in it is noted: characters were lost before", () => {
    expect(parseTable("a,n\nM\ufffdller,1\nx,2\n", "f.csv").notes?.join()).toContain("U+FFFD");
  });
});

describe("files of other kinds are named, their bytes not shown", () => {
  const zip = (name: string) => latin1(`PK\u0003\u0004\u0014\0\0\0\u0008\0${"\0".repeat(16)}${name}rest\0`);
  it.each([
    ["an Excel workbook (xlsx); export the sheet as CSV", zip("xl/workbook.xml")],
    [
      "an OpenDocument sheet (ods); export the sheet as CSV",
      zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
    ],
    ["a zip archive; unpack it first", zip("data.csv")],
    ["an Excel workbook (xls); export", Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0])],
    ["a Parquet file", latin1("PAR1\u0015\0")],
    ["an SQLite database", latin1("SQLite format 3\0")],
    ["a PDF document", latin1("%PDF-1.7\n")],
    ["an image (PNG)", latin1("\u0089PNG\r\n\u001a\n")],
    ["an image (JPEG)", Uint8Array.from([0xff, 0xd8, 0xff, 0xe0])],
    ["gzip data; unpack it first", Uint8Array.from([0x1f, 0x8b, 8, 0])],
    ["an HTML page; download the file itself", bytesOf("<!DOCTYPE html>\n<html>")],
    ["a pointer of Git LFS", bytesOf("version https://git-lfs.github.com/spec/v1\noid sha256:1\n")],
    ["a safetensors file", latin1('\u0020\0\0\0\0\0\0\0{"a":1}')],
    ["a binary file (NUL at byte 3)", latin1("a,b\0\n1,2\n")],
    ["a binary file (NUL at byte 0)", Uint8Array.from({ length: 400 }, (_, i) => (i % 2 ? 0 : i % 31))],
    ["a binary file (control characters", Uint8Array.from({ length: 900 }, (_, i) => 1 + ((i * 37) % 255))],
  ])("%s", (kind, bytes) => {
    expect(() => parseTable(bytes, "f.csv")).toThrow(`f.csv: expected a CSV file, got ${kind}`);
  });
});
