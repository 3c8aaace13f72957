/**
 * Damaged files: each becomes a table that holds together, or an error of one line. THALWEG_FUZZ sets how many are tried;
 * 20,000 take about a minute.
 */
import { expect, it } from "vitest";
import { parseTable, type TableOptions } from "../../src/data/parseTable.js";
import { mutations } from "../support/mutations.js";

const FILES = Number(process.env.THALWEG_FUZZ ?? 2000);
const OPTIONS: readonly TableOptions[] = [
  {},
  {},
  {},
  { header: true },
  { header: false, decimal: "," },
  { encoding: "latin1" },
  { encoding: "shift_jis" },
  { delimiter: ";", comment: "#" },
  { delimiter: " ", skip: 1 },
];

/** Errors about the whole file, which has no row to name. */
const WHOLE =
  /expected (?:a CSV file|rows of data|text in|JSON|more than|windows-1252, as|shift_jis, as|objects of|an array of objects)|^f\.csv, column "/;

it(`${FILES} damaged files are read, or refused in one line`, () => {
  const outcomes = { tables: 0, errors: 0 };
  let slowest = 0;
  const files = mutations(Number(process.env.THALWEG_FUZZ_SEED ?? 1));
  for (let i = 0; i < FILES; i++) {
    const bytes = files.next().value;
    const options = OPTIONS[i % OPTIONS.length];
    const about = () => `file ${i}: ${JSON.stringify(options)} ${Buffer.from(bytes).toString("latin1").slice(0, 400)}`;
    const start = performance.now();
    try {
      const table = parseTable(bytes, "f.csv", options);
      outcomes.tables++;
      const { names, rows, lines, width } = table;
      if (rows.length === 0 || rows.length !== lines.length) throw new TypeError(`rows: ${about()}`);
      if (names && names.length !== width) throw new TypeError(`names: ${about()}`);
      for (const row of rows) if (row.length !== width) throw new TypeError(`width: ${about()}`);
      for (let r = 1; r < lines.length; r++) if (!(lines[r] > lines[r - 1])) throw new TypeError(`lines: ${about()}`);
      const lost = [names ?? [], ...rows].flat().some((cell) => cell.includes("\ufffd"));
      // A file may have U+FFFD in it, written there by whoever lost a character: then a note says so.
      if (lost && !table.notes?.join().includes("U+FFFD")) throw new TypeError(`U+FFFD: ${about()}`);
      if (lost && !Buffer.from(bytes).includes("\ufffd")) throw new TypeError(`U+FFFD of ours: ${about()}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw new Error(`${(error as Error).stack}\n${about()}`);
      outcomes.errors++;
      const { message } = error;
      if (!/^f\.csv[,:] [^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+$/u.test(message))
        throw new Error(`${message}: ${about()}`);
      if (!/^f\.csv, row \d+/.test(message) && !WHOLE.test(message)) throw new Error(`${message}: ${about()}`);
      if (message.length > 300) throw new Error(`${message}: ${about()}`);
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  if (process.env.THALWEG_FUZZ !== undefined) console.log({ ...outcomes, slowest: `${slowest.toFixed(1)} ms` });
  expect(slowest).toBeLessThan(1000);
  // Both happen, often.
  expect(Math.min(outcomes.tables, outcomes.errors)).toBeGreaterThan(FILES / 10);
}, 120_000);
