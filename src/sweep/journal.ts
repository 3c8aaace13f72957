import { type FileHandle, open, stat } from "node:fs/promises";
import { syncFolderOf } from "../node/atomicWrite.js";
import type { Outcome } from "./trial.js";

/** What a journal has of a job. */
export interface JournalEntry {
  job: string;
  outcome: Outcome;
}

interface Header {
  thalweg: "sweep 1";
  plan: string;
}

/** Bytes that are read at a time. */
const PIECE = 1 << 20;
/** No line is longer: what is, is another file, which need not be read to its end. */
const LONGEST_LINE = 1 << 26;

/**
 * The outcomes of a sweep in a file of JSON lines, so that a second start goes on where the first one ended. A line counts
 * when it is complete: what a kill, a power cut or a full disk leaves behind is cut off. Lines that wait are written together,
 * with one fsync for all.
 */
export class Journal {
  readonly #file: FileHandle;
  readonly #path: string;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  /** Bytes that are whole lines. */
  #length: number;
  /** Why nothing more is written: a line after half a line would be lost with it. */
  #failure: { error: Error } | undefined;

  private constructor(file: FileHandle, path: string, length: number) {
    this.#file = file;
    this.#path = path;
    this.#length = length;
  }

  /**
   * Opens a journal, or begins one.
   *
   * @param plan the plan's hash
   * @returns the journal, and what it has already, by job. Of two lines of one job, which a coordinator may write that was
   *   taken for dead, the first counts: they are equal
   * @throws Error naming the path, for the journal of another plan or a file that is none; it stays as it is
   */
  static async open(path: string, plan: string): Promise<{ journal: Journal; known: Map<string, Outcome> }> {
    const file = await opened(path);
    try {
      const header = `${JSON.stringify({ thalweg: "sweep 1", plan } satisfies Header)}\n`;
      const known = new Map<string, Outcome>();
      let number = 0;
      const { whole, rest } = await linesOf(file, path, (line) => {
        number++;
        if (number === 1) return checkHeader(path, line, plan);
        const { job, outcome } = entryOf(path, line, number);
        if (!known.has(job)) known.set(job, outcome);
      });
      // A kill may have left a part of the first line, a power cut zeros. Anything else without a line's end is someone else's.
      if (whole === 0 && !header.startsWith(rest.toString("utf8")) && rest.some((byte) => byte !== 0))
        throw foreign(path);
      if (rest.length > 0) await file.truncate(whole);
      const journal = new Journal(file, path, whole);
      if (whole === 0) {
        journal.#waiting.push(header);
        await journal.#write();
        await syncFolderOf(path);
      }
      return { journal, known };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Writes an outcome; resolves when it is on the disk.
   *
   * @throws Error naming the path, when the disk is full or broken; from then on at each call, with whole lines in the file
   */
  async append(entry: JournalEntry): Promise<void> {
    this.#waiting.push(`${JSON.stringify(entry)}\n`);
    while (this.#waiting.length > 0) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
      await this.#writing;
    }
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    const bytes = Buffer.from(this.#waiting.join(""));
    this.#waiting = [];
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
      this.#length += bytes.length;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const full = code === "ENOSPC" || code === "EDQUOT" ? "; make room, and the same call goes on from there" : "";
      this.#failure = {
        error: new Error(`${this.#path}: expected to write a result, got ${code ?? message}${full}`, { cause: error }),
      };
      await this.#file.truncate(this.#length).catch(() => {}); // the next start does it else
      throw this.#failure.error;
    }
  }

  async close(): Promise<void> {
    await this.#writing?.catch(() => {}); // whoever has appended knows
    await this.#file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  const wrong = (got: string, cause?: unknown) =>
    new Error(`${path}: expected a file to keep results in, got ${got}`, { cause });
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw wrong("a directory");
  if (there && !there.isFile()) throw wrong("a pipe or a device"); // which would wait for ever, or keep nothing
  return await open(path, "a+").catch((error: NodeJS.ErrnoException) => {
    throw wrong(
      error.code === "EACCES" || error.code === "EROFS" ? "one that cannot be written" : `${error.code}`,
      error,
    );
  });
}

/** Calls `take` with each complete line; returns the bytes of these, and what comes after them. */
async function linesOf(file: FileHandle, path: string, take: (line: string) => void) {
  let rest: Buffer = Buffer.alloc(0);
  let whole = 0;
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE), 0, PIECE, position);
    if (bytesRead === 0) return { whole, rest };
    position += bytesRead;
    const piece = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      take(piece.toString("utf8", start, end));
      start = end + 1;
    }
    whole += start;
    rest = piece.subarray(start);
    if (rest.length > LONGEST_LINE) throw foreign(path);
  }
}

const foreign = (path: string): Error => new Error(`${path}: expected the journal of a sweep, got another file`);

function checkHeader(path: string, line: string, plan: string): void {
  let header: Partial<Header> = {};
  try {
    header = JSON.parse(line) as Partial<Header>;
  } catch {
    // said below
  }
  if (header?.thalweg !== "sweep 1") throw foreign(path);
  if (header.plan !== plan)
    throw new Error(`${path}: expected the journal of this plan and its data, got that of another; name another file`);
}

function entryOf(path: string, line: string, number: number): JournalEntry {
  try {
    const { job, outcome } = JSON.parse(line) as JournalEntry;
    if (typeof job === "string" && isOutcome(outcome)) return { job, outcome };
  } catch {
    // said below
  }
  throw new Error(`${path}: line ${number}: expected the outcome of a job, got a damaged line; remove it`);
}

function isOutcome(outcome: Outcome): boolean {
  if ("failed" in outcome) return typeof outcome.failed === "string";
  const { measures } = outcome;
  return typeof measures === "object" && measures !== null && Object.values(measures).every(Number.isFinite);
}
