/** Files of the command that are no files, or another run's. */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, writeFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { beforeAll, expect, it, vi } from "vitest";
import { train } from "../../src/cli/train.js";
import { called, csv, inFolder, thalweg } from "../support/command.js";

beforeAll(() => {
  csv("pairs.csv", ["x,y", ...Array.from({ length: 12 }, (_, i) => `${i},${2 * i + 1}`)]);
  execFileSync("mkfifo", [inFolder("pipe")]);
});
const words = "train pairs.csv --target y --hidden none --epochs 2";

it.each([
  [`${words} --save pipe`, "thalweg train: pipe: expected a file to save to, got a pipe or a device\n", 1],
  [`${words} --save /dev/null`, "thalweg train: /dev/null: expected a file to save to, got a pipe or a device\n", 1],
  [`${words} --resume pipe`, "thalweg train: pipe: expected a saved run, got a pipe or a device\n", 1],
  ["train /dev/zero --target y", "thalweg train: /dev/zero: expected a CSV file, got a device\n", 1],
])("%s is refused at once", (call, message, code) => {
  const { status, stderr } = thalweg(call);
  expect([stderr, status]).toEqual([message, code]);
});

it("an empty name is refused before the run", () => {
  const { status, stderr } = thalweg(words, "--save", "");
  expect([stderr, status]).toEqual([
    'thalweg train: --save: expected the name of a file, got "" (see thalweg train --help)\n',
    2,
  ]);
});

// As root may read any file, the error is the file system's in name alone.
it.each([
  ["EACCES", "a file that may not be read (permission denied)"],
  ["EIO", "the error EIO when reading it"],
])("a file that cannot be read (%s) is not called a file of another kind", async (code, got) => {
  writeFileSync(inFolder("locked.safetensors"), "");
  const read = vi.spyOn(files, "readFile").mockRejectedValue(Object.assign(new Error(code), { code }));
  syncBuiltinESMExports();
  try {
    const { error } = await called(train, "pairs.csv --target y --hidden none --epochs 2 --save locked.safetensors");
    const expected = "expected a new file or a checkpoint to save to";
    expect(error?.message).toBe(`locked.safetensors: ${expected}, got ${got}`);
  } finally {
    read.mockRestore();
    syncBuiltinESMExports();
  }
});

it("an empty file is", () => {
  writeFileSync(inFolder("void.safetensors"), "");
  expect(thalweg(`${words} --save void.safetensors`).stderr).toBe(
    "thalweg train: void.safetensors: expected a new file or a checkpoint to save to, got a file that is neither\n",
  );
});

it("predictions go through a device, which stays one", () => {
  expect(thalweg(`${words} --save run.safetensors`).status).toBe(0);
  expect(thalweg("predict run.safetensors pairs.csv --out /dev/null").status).toBe(0);
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
});

it("a file that another run saves to is refused, and a finished run leaves no lock", () => {
  writeFileSync(inFolder("taken.safetensors.lock"), `${process.pid}\n`);
  const { status, stderr } = thalweg(`${words} --save taken.safetensors`);
  expect(stderr).toMatch(
    /^thalweg train: taken\.safetensors: expected a file that no other run saves to, got one of process \d+/,
  );
  expect([status, existsSync(inFolder("taken.safetensors"))]).toEqual([1, false]);
  expect(thalweg(`${words} --save free.safetensors`).status).toBe(0);
  expect(readdirSync(inFolder(".")).filter((name) => /^free/.test(name))).toEqual(["free.safetensors"]);
});
