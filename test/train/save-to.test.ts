/** How a save treats an existing file: modes, owners, links, pipes and devices, and other runs. */
import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { checkpointFile, writeFileAtomic } from "../../src/node/index.js";
import { lockFile } from "../../src/node/lock.js";

const folder = mkdtempSync(join(tmpdir(), "thalweg-save-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bytes = (text: string) => new TextEncoder().encode(text);
const at = (name: string) => join(folder, name);

test("a file keeps its mode", async () => {
  for (const mode of [0o600, 0o640, 0o664]) {
    writeFileSync(at("mode"), "old");
    chmodSync(at("mode"), mode);
    await writeFileAtomic(at("mode"), bytes("new"));
    expect(statSync(at("mode")).mode & 0o7777).toBe(mode);
    expect(readFileSync(at("mode"), "utf8")).toBe("new");
  }
});

test("a symbolic link stays one, and its target is replaced or created", async () => {
  writeFileSync(at("target"), "old");
  symlinkSync("target", at("link"));
  symlinkSync("absent", at("dangling"));
  for (const [link, target] of [
    ["link", "target"],
    ["dangling", "absent"],
  ]) {
    await writeFileAtomic(at(link), bytes("new"));
    expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
    expect(lstatSync(at(target)).isSymbolicLink()).toBe(false);
    expect(readFileSync(at(target), "utf8")).toBe("new");
  }
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test.runIf(process.platform !== "win32")("a pipe is written to, not replaced, and is no checkpoint", async () => {
  execFileSync("mkfifo", [at("pipe")]);
  const reader = spawn("cat", [at("pipe")]);
  let read = "";
  reader.stdout.on("data", (chunk) => {
    read += chunk;
  });
  const closed = new Promise((resolve) => reader.once("close", resolve));
  await writeFileAtomic(at("pipe"), bytes("through"));
  await closed;
  expect(read).toBe("through");
  expect(lstatSync(at("pipe")).isFIFO()).toBe(true);
  await expect(checkpointFile(at("pipe")).load()).rejects.toThrow(
    /pipe: expected a checkpoint, got a pipe or a device$/,
  );
  await expect(checkpointFile("/dev/zero").load()).rejects.toThrow(
    /^\/dev\/zero: expected a checkpoint, got a pipe or a/,
  );
  await writeFileAtomic("/dev/null", bytes("gone"));
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
});

test("a file belongs to one run at a time, and is free when that run has ended", async () => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(`${at("run")}.lock`, `${other.pid}\n`);
  const refusal = `run: expected a file that no other run saves to, got one of process ${other.pid}; if that process is not a run`;
  await expect(lockFile(at("run"))).rejects.toThrow(refusal);
  const gone = new Promise((resolve) => other.once("close", resolve));
  other.kill("SIGKILL");
  await gone;
  const release = await lockFile(at("run"));
  expect(readFileSync(`${at("run")}.lock`, "utf8")).toBe(`${process.pid}\n`);
  await release();
  expect(readdirSync(folder)).not.toContain("run.lock");
});

test("of many runs that begin at once, over the lock of one that has ended, one has the file", async () => {
  const gone = spawnSync(process.execPath, ["--version"]).pid;
  const files = Array.from({ length: 30 }, (_, i) => at(`race${i}`));
  for (const file of files.slice(15)) writeFileSync(`${file}.lock`, `${gone}\n`);
  const begin = `${Date.now() + 3000}`;
  const entry = new URL("../../src/node/lock.ts", import.meta.url).href;
  const args = ["--import", "tsx", fileURLToPath(new URL("../support/locker.mjs", import.meta.url)), entry, begin];
  const runs = Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, [...args, ...files]));
  const had = (await Promise.all(runs)).flatMap(({ stdout }) => stdout.trim().split("\n").filter(Boolean));
  expect(had.sort()).toEqual(files.sort());
  expect(readdirSync(folder).filter((name) => /lock\..*/.test(name))).toEqual([]);
});
