import { type FileHandle, open } from "node:fs/promises";
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

/**
 * The outcomes of a sweep in a file of JSON lines, so that a second start goes on where the first one ended. A line counts
 * when it is complete: what a kill or a power cut leaves behind is cut off. Lines that wait are written together, with one
 * fsync for all.
 */
export class Journal {
  readonly #file: FileHandle;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Opens a journal, or begins one.
   *
   * @param plan the plan's hash
   * @returns the journal, and what it has already
   * @throws Error naming the path, for the journal of another plan or a file that is none; it stays as it is
   */
  static async open(path: string, plan: string): Promise<{ journal: Journal; entries: JournalEntry[] }> {
    const file = await open(path, "a+");
    try {
      const text = (await file.readFile()).toString("utf8");
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      const header = `${JSON.stringify({ thalweg: "sweep 1", plan } satisfies Header)}\n`;
      // A kill may have left a part of the first line. Anything else without a line's end is someone else's.
      if (whole === "" && !header.startsWith(text)) throw foreign(path);
      const [first, ...lines] = whole.split("\n").slice(0, -1);
      if (first !== undefined) checkHeader(path, first, plan);
      const entries = lines.map((line, i) => entryOf(path, line, i + 2));
      if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
      const journal = new Journal(file);
      if (whole === "") journal.#waiting.push(header);
      await journal.#write();
      return { journal, entries };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Writes an outcome; resolves when it is on the disk. */
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
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting.join("");
    this.#waiting = [];
    await this.#file.appendFile(lines);
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
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
    if (typeof job === "string" && ("failed" in outcome || typeof outcome.measures === "object"))
      return { job, outcome };
  } catch {
    // said below
  }
  throw new Error(`${path}: line ${number}: expected the outcome of a job, got a damaged line; remove it`);
}
