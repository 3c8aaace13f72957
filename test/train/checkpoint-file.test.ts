import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import {
  createEngine,
  dense,
  type History,
  mse,
  readCheckpoint,
  saveCheckpoint,
  sequential,
  sgd,
  train,
} from "../../src/index.js";
import { checkpointFile, writeFileAtomic } from "../../src/node/index.js";
import { built } from "../support/built.js";
import { numbers } from "../support/numbers.js";

const folder = mkdtempSync(join(tmpdir(), "thalweg-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A checkpoint of 250 kB or so, filled with one number. */
async function checkpointOf(value: number): Promise<Uint8Array> {
  using engine = await createEngine({ backend: "js" });
  using model = sequential(engine, [dense(250, 250)]);
  for (const tensor of model.parameters()) tensor.data.fill(value);
  return saveCheckpoint({ model }, { value });
}

test("killing the process during saves, 50 times, never leaves an unreadable checkpoint", async () => {
  const path = join(folder, "killed.safetensors");
  const sources = await Promise.all(
    [1, 2].map(async (value) => {
      const source = join(folder, `source-${value}`);
      writeFileSync(source, await checkpointOf(value));
      return source;
    }),
  );
  const saver = fileURLToPath(new URL("../support/saver.mjs", import.meta.url));
  const next = numbers(1);
  const found = new Set<unknown>();
  let cutShort = 0;
  // Five at a time: a process takes some 60 ms to start, a save some 2 ms.
  const kill = async (path: string) => {
    const child = spawn(process.execPath, [saver, built("node/atomicWrite.js").href, path, ...sources]);
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), closed]);
    await new Promise((resolve) => setTimeout(resolve, 20 * next()));
    child.kill("SIGKILL");
    await closed;
    expect(errors).toBe("");
    expect(child.signalCode).toBe("SIGKILL");
    found.add((readCheckpoint(readFileSync(path)).extra as { value: number }).value);
  };
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 5 }, (_, i) => kill(`${path}${i}`)));
  }
  cutShort = readdirSync(folder).filter((name) => name.endsWith(".tmp")).length;
  expect([...found].sort()).toEqual([1, 2]);
  // Some were killed in the middle of a save; without these, the test would show nothing.
  expect(cutShort).toBeGreaterThan(5);
});

test("a later save removes the files that killed processes left, and no others", async () => {
  const path = join(folder, "run.safetensors");
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("close", resolve)); // its id is free now
  const old = new Date(Date.now() - 3_600_000);
  const put = (name: string, age?: Date) => {
    writeFileSync(join(folder, name), "");
    if (age) utimesSync(join(folder, name), age, age);
  };
  put(`run.safetensors.${child.pid}-1.tmp`, old);
  put(`run.safetensors.${child.pid}-2.tmp`); // recent: perhaps of another machine
  put(`run.safetensors.${process.pid}-999.tmp`, old); // its process is alive
  put(`other.safetensors.${child.pid}-1.tmp`, old);
  put("run.safetensors.txt", old);
  await checkpointFile(path).save(await checkpointOf(3));
  const left = readdirSync(folder).filter((name) => /^(run|other)\./.test(name));
  expect(left.sort()).toEqual(
    [
      `other.safetensors.${child.pid}-1.tmp`,
      "run.safetensors",
      `run.safetensors.${child.pid}-2.tmp`,
      `run.safetensors.${process.pid}-999.tmp`,
      "run.safetensors.txt",
    ].sort(),
  );
});

test("a file is written whole or not at all, even by many writers at once", async () => {
  const path = join(folder, "whole");
  await Promise.all(Array.from({ length: 20 }, (_, i) => writeFileAtomic(path, new Uint8Array(1000 + i).fill(i))));
  const bytes = readFileSync(path);
  expect(new Set(bytes)).toEqual(new Set([bytes.length - 1000]));
  await expect(writeFileAtomic(join(folder, "nowhere", "file"), bytes)).rejects.toThrow(/ENOENT/);
  // If the rename fails, no temporary file remains.
  mkdirSync(join(folder, "full"));
  mkdirSync(join(folder, "full", "taken"));
  await expect(writeFileAtomic(join(folder, "full", "taken"), bytes)).rejects.toThrow(/EISDIR|EEXIST|EPERM|ENOTEMPTY/);
  expect(readdirSync(join(folder, "full"))).toEqual(["taken"]);
});

test("a run resumes from its file with the same bits; a damaged file is refused by name", async () => {
  const path = join(folder, "resumed.safetensors");
  using engine = await createEngine({ simd: "strict" });
  const data = { x: Array.from({ length: 12 }, (_, i) => [i / 12, 1]), y: Array.from({ length: 12 }, (_, i) => [i]) };
  const run = async (file: ReturnType<typeof checkpointFile> | undefined, stop = 0): Promise<[History, number[]]> => {
    using model = sequential(engine, [dense(2, 1)], { seed: 1 });
    using optimizer = sgd(model.parameters(), { lr: 0.05, momentum: 0.9 });
    const controller = new AbortController();
    const history = await train(model, data, {
      optimizer,
      loss: mse,
      epochs: 5,
      batchSize: 5,
      ...(file && { checkpoint: { save: file.save }, resume: await file.load() }),
      signal: controller.signal,
      onStep: ({ step }) => void (step === stop && controller.abort(new Error("enough"))),
    });
    return [history, [...model.parameters()[0].data]];
  };
  const file = checkpointFile(path);
  expect(await file.load()).toBeUndefined();
  const [history, weights] = await run(undefined);
  await expect(run(file, 7)).rejects.toThrow("enough"); // it saves before it ends
  const [resumed, same] = await run(file);
  expect(same).toEqual(weights);
  expect(resumed.epochs.map(({ loss }) => loss)).toEqual(history.epochs.map(({ loss }) => loss));

  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  await expect(file.load()).rejects.toThrow(new RegExp(`^${path}: expected a whole safetensors file`));
  writeFileSync(path, "x".repeat(200));
  await expect(run(file)).rejects.toThrow(/resumed\.safetensors: expected a whole safetensors file/);
  expect(statSync(path).size).toBe(200); // and is left unchanged
});
