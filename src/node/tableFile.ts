import { constants } from "node:buffer";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parseTable, type TableOptions } from "../data/parseTable.js";
import type { Table } from "../data/table.js";

/**
 * Reads a table from a file, or from stdin for "-": CSV and its relatives or JSON, as {@link parseTable} does, packed with
 * gzip or not.
 *
 * @throws Error when there is no such file, or none that can be read; RangeError for what {@link parseTable} refuses
 * @example
 * const table = await readTable("people.csv.gz");
 */
export async function readTable(path: string, options: TableOptions = {}): Promise<Table> {
  const file = path === "-" ? "stdin" : path;
  return parseTable(unpacked(await bytesOf(path, file), file), file, options);
}

/** The largest text that a string holds: 512 MB. */
const MOST = constants.MAX_STRING_LENGTH;

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

function tooLarge(file: string, got: string): Error {
  return new Error(`${file}: expected a table of at most ${megabytes(MOST)}, got ${got}; use a part of its rows`);
}

async function bytesOf(path: string, file: string): Promise<Uint8Array> {
  try {
    if (path === "-") {
      if (process.stdin.isTTY) throw new Error(`${file}: expected a table through a pipe, got a terminal`);
      return await collected(process.stdin, file);
    }
    const found = statSync(path);
    // A device may never end. A pipe does, when its writer does: thalweg train <(grep -v '^#' data.csv).
    if (found.isCharacterDevice() || found.isBlockDevice() || found.isSocket()) {
      throw new Error(`${file}: expected a CSV file, got a device`);
    }
    if (found.isFIFO()) return await collected(createReadStream(path), file);
    if (found.size > MOST) throw tooLarge(file, megabytes(found.size));
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`${file}: expected a CSV file, got ${READ_ERRORS[code] ?? `the error ${code} when reading it`}`);
  }
}

const READ_ERRORS: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "a directory",
  EACCES: "a file that may not be read (permission denied)",
  EPERM: "a file that may not be read (permission denied)",
  ENOTDIR: "a path through something that is no directory",
  ELOOP: "a link that leads back to itself",
  ENAMETOOLONG: "a name that is too long for a file",
  EIO: "an input/output error",
  ERR_INVALID_ARG_VALUE: "a name that no file can have",
};

async function collected(stream: AsyncIterable<Uint8Array>, file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST) throw tooLarge(file, "more");
  }
  return Buffer.concat(chunks, size);
}

/** Unpacks gzip, which its first bytes show, whatever the name. */
function unpacked(bytes: Uint8Array, file: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(file, "gzip data of a larger one");
    const got = code === "Z_BUF_ERROR" ? "data that end too early" : "damaged data";
    throw new Error(`${file}: expected whole gzip data, got ${got}; copy or download the file again`);
  }
}
