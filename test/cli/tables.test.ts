/** The options that say how a table is read, files packed or through a pipe, and what the reports say of them. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { predict } from "../../src/cli/predict.js";
import { train } from "../../src/cli/train.js";
import { readTable } from "../../src/node/tableFile.js";
import { called, calledJson, csv, inFolder, MAIN } from "../support/command.js";

const rows = Array.from({ length: 24 }, (_, i) => [`${i},5`, `${i % 3}`, i % 2 ? "größer" : "kleiner"]);
const text = [["größe, mm", "n", "label"], ...rows].map((row) => row.join(";")).join("\n");
const put = (name: string, bytes: Uint8Array | string) => writeFileSync(inFolder(name), bytes);
const quick = "--target 2 --hidden none --epochs 1";

beforeAll(() => {
  put("semicolon.csv", text);
  put("packed.txt", gzipSync(text));
  put("cut.csv.gz", gzipSync(text).subarray(0, -20));
  put(
    "damaged.csv.gz",
    Uint8Array.from(gzipSync(text), (byte, i) => (i > 12 && i < 30 ? byte ^ 85 : byte)),
  );
  put("latin1.csv", Buffer.from(text, "latin1"));
  put("titled.csv", `Report;;\nof the year;;\n${text}\n# end\n`);
  put(
    "rows.jsonl",
    rows.map(([size, n, label]) => JSON.stringify({ size: Number.parseFloat(size), n: Number(n), label })).join("\n"),
  );
  put("sheet.csv", Buffer.from("PK\u0003\u0004\u001b[2Jxl/workbook.xml\0", "latin1"));
  csv("escape.csv", ["a,y", ...rows.map((_, i) => `${i},${i % 2 ? "\u001b[31mred" : "\u202eblue"}`)]);
});

describe("thalweg train reads", () => {
  it.each([
    ["semicolons and decimal commas", "semicolon.csv"],
    ["gzip by another name", "packed.txt"],
    ["Latin-1 when told", "latin1.csv --encoding latin1"],
    ["below a title", "titled.csv --skip 2 --comment #"],
    ["JSON lines", "rows.jsonl"],
  ])("%s", async (_, words) => {
    const found = await calledJson(train, `${words} ${quick}`);
    expect(found).toMatchObject({ epochsRun: 1, parametersSha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it("and says what it found out", async () => {
    const { stdout, error } = await called(train, `semicolon.csv ${quick}`);
    expect(error).toBeUndefined();
    expect(stdout).toMatch(/Data +semicolon\.csv: 24 rows, 2 features, a header\n +separator ;\n +decimal comma\n/);
  });

  it("stdin", () => {
    const args = [MAIN, "train", "-", ...quick.split(" "), "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { input: gzipSync(text), encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout).epochsRun).toBe(1);
  });

  it.each([
    ["--delimiter ab", '--delimiter: expected one character, as in "," ";" "|" or tab, got "ab"'],
    ["--decimal x", '--decimal: expected "," or ".", got "x"'],
    ["--skip -1", "--skip: expected a whole number ≥ 1, got -1"],
    ["--encoding latin9x", "--encoding: expected a label that TextDecoder knows"],
  ])("no wrong option: %s", async (words, message) => {
    for (const [command, files] of [
      [train, "semicolon.csv"],
      [predict, "run.safetensors semicolon.csv"],
    ] as const) {
      const { error } = await called(command, `${files} ${words}`);
      expect(error).toBeInstanceOf(UsageError);
      expect(error?.message).toContain(message);
    }
  });

  it("no two tables from stdin", async () => {
    const { error } = await called(train, "- --test - --target y");
    expect(error).toEqual(new UsageError("--test: expected a file, as stdin has the data, got -"));
  });

  it.each([
    ["latin1.csv", /^latin1\.csv, row 1: expected UTF-8, got byte 0xF6 .*--encoding latin1$/],
    ["sheet.csv", /^sheet\.csv: expected a CSV file, got an Excel workbook \(xlsx\); export the sheet as CSV$/],
    ["cut.csv.gz", /^cut\.csv\.gz: expected whole gzip data, got data that end too early; /],
    ["damaged.csv.gz", /^damaged\.csv\.gz: expected whole gzip data, got damaged data; /],
    ["nowhere.csv", /^nowhere\.csv: expected a CSV file, got no such file$/],
    ["semicolon.csv/x", /expected a CSV file, got a path through something that is no directory$/],
    [`${"x".repeat(300)}.csv`, /expected a CSV file, got a name that is too long for a file$/],
  ])("no %s", async (file, message) => {
    const { error } = await called(train, `${file} ${quick}`);
    expect(error?.message).toMatch(message);
  });
});

it("predict reads the same files, and a terminal gets no control character of them", async () => {
  await calledJson(train, "escape.csv --target y --hidden none --epochs 1 --save escape.safetensors");
  const { stdout } = await called(train, "escape.csv --target y --hidden none --epochs 1");
  expect(stdout).toContain("\\u001b[31mred");
  const report = await called(predict, "escape.safetensors escape.csv --out escape.out");
  expect(report.error).toBeUndefined();
  for (const printed of [stdout, report.stdout]) expect(printed).not.toMatch(/\p{Bidi_Control}|(?!\n)\p{Cc}/u);
});

it("readTable of a pipe, a directory and a terminal's device", async () => {
  await expect(readTable(inFolder("."))).rejects.toThrow(/expected a CSV file, got a directory$/);
  await expect(readTable("/dev/zero")).rejects.toThrow("/dev/zero: expected a CSV file, got a device");
  expect((await readTable(join(inFolder("."), "packed.txt"))).names).toEqual(["größe, mm", "n", "label"]);
});
