/** What a file is that is no text, by its first bytes. */
interface Kind {
  readonly what: string;
  readonly advice: string;
}

const EXPORT = "export the sheet as CSV";
const WRITE = "write it as CSV with the program that made it";
const UNPACK = "unpack it first";

/** The first bytes of formats that tables and their neighbours come in; from the formats' own documents. */
const SIGNATURES: readonly (readonly [start: string | readonly number[], what: string, advice: string])[] = [
  [[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "an Excel workbook (xls)", EXPORT],
  ["PAR1", "a Parquet file", WRITE],
  ["ARROW1", "an Arrow file", WRITE],
  ["FEA1", "a Feather file", WRITE],
  ["SQLite format 3\0", "an SQLite database", "export its table as CSV"],
  [[0x89, 0x48, 0x44, 0x46], "an HDF5 file", WRITE],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array (npy)", "write it with numpy.savetxt"],
  ["%PDF-", "a PDF document", "export its table as CSV"],
  ["{\\rtf", "a text document (RTF)", EXPORT],
  [[0x89, 0x50, 0x4e, 0x47], "an image (PNG)", "give a table"],
  [[0xff, 0xd8, 0xff], "an image (JPEG)", "give a table"],
  ["GIF8", "an image (GIF)", "give a table"],
  ["II*\0", "an image (TIFF)", "give a table"],
  ["MM\0*", "an image (TIFF)", "give a table"],
  [[0x1f, 0x8b], "gzip data", UNPACK],
  ["BZh", "bzip2 data", UNPACK],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz data", UNPACK],
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd data", UNPACK],
  [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive", UNPACK],
  ["Rar!", "a RAR archive", UNPACK],
  ["RDX", "an R data file", "write it with write.csv"],
  [[0x58, 0x0a, 0x00, 0x00, 0x00], "an R data file", "write it with write.csv"],
  [[0x80, 0x04, 0x95], "a Python pickle", WRITE],
  [[0x80, 0x05, 0x95], "a Python pickle", WRITE],
  [[0xff, 0xfe, 0x00, 0x00], "UTF-32 text", "save it as UTF-8"],
  [[0x00, 0x00, 0xfe, 0xff], "UTF-32 text", "save it as UTF-8"],
  ["version https://git-lfs", "a pointer of Git LFS in place of the file", "fetch the file with git lfs pull"],
  ["<!DOCTYPE", "an HTML page", "download the file itself"],
  ["<!doctype", "an HTML page", "download the file itself"],
  ["<html", "an HTML page", "download the file itself"],
  ["<?xml", "an XML document", "export its table as CSV"],
];

/** The kind of file that bytes begin as, if it is one that is no table as text. */
export function kindOf(bytes: Uint8Array): Kind | undefined {
  for (const [start, what, advice] of SIGNATURES) if (startsWith(bytes, start)) return { what, advice };
  if (startsWith(bytes, "PK\u0003\u0004") || startsWith(bytes, "PK\u0005\u0006")) return zipKind(bytes);
  // A safetensors file: the length of its JSON header in 8 bytes, then the header.
  if (bytes.length > 9 && bytes[8] === 0x7b && bytes[4] + bytes[5] + bytes[6] + bytes[7] === 0)
    return { what: "a safetensors file", advice: "give a table" };
  return undefined;
}

function startsWith(bytes: Uint8Array, start: string | readonly number[]): boolean {
  if (bytes.length < start.length) return false;
  for (let i = 0; i < start.length; i++) {
    if (bytes[i] !== (typeof start === "string" ? start.charCodeAt(i) : start[i])) return false;
  }
  return true;
}

/** A spreadsheet is a zip archive of certain parts, whose names stand in its first bytes or its last. */
function zipKind(bytes: Uint8Array): Kind {
  const ends = [bytes.subarray(0, 4096), bytes.subarray(Math.max(0, bytes.length - 65_536))];
  const names = ends.map((part) => new TextDecoder("latin1").decode(part)).join("");
  if (names.includes("xl/")) return { what: "an Excel workbook (xlsx)", advice: EXPORT };
  if (names.includes("opendocument.spreadsheet")) return { what: "an OpenDocument sheet (ods)", advice: EXPORT };
  if (names.includes("Index/") && names.includes(".iwa")) return { what: "a Numbers sheet", advice: EXPORT };
  return { what: "a zip archive", advice: UNPACK };
}
