/** Options of the commands about the engine and the file of a run: threads, and how often it is saved. */
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { symmetry } from "../../src/cli/symmetry.js";
import { throughput } from "../../src/cli/throughput.js";
import { train } from "../../src/cli/train.js";
import { cores } from "../../src/engine/threads/host.js";
import { called, calledJson, thalweg } from "../support/command.js";

// Counts the renames that save files (src/node/atomicWrite.ts), which still take place.
let saves: MockInstance<typeof files.rename>;
beforeAll(() => {
  saves = vi.spyOn(files, "rename");
  syncBuiltinESMExports();
});
beforeEach(() => void saves.mockClear());
afterAll(() => {
  saves.mockRestore();
  syncBuiltinESMExports();
});

describe("--threads", async () => {
  const most = 4 * (await cores())!;
  const commands = {
    train: [train, "flowers.csv --target kind"],
    symmetry: [symmetry, ""],
    throughput: [throughput, ""],
  };

  it.each(Object.entries(commands))(
    "thalweg %s refuses anything but a number of threads",
    async (_, [command, words]) => {
      for (const [threads, message] of [
        ["0", "expected a whole number ≥ 1, got 0"],
        ["-2", "expected a whole number ≥ 1, got -2"],
        ["1.5", "expected a whole number ≥ 1, got 1.5"],
        ["many", 'expected auto or a whole number ≥ 1, got "many"'],
        [`${most + 1}`, `expected at most ${most}, 4 for each core, got ${most + 1}`],
      ]) {
        const { stdout, error } = await called(command as typeof train, `${words} --threads ${threads}`);
        expect({ stdout, error }).toEqual({ stdout: "", error: new UsageError(`--threads: ${message}`) });
      }
    },
  );

  // Wide enough for its matrix products to be divided among threads.
  const wide = "flowers.csv --target kind --hidden 256,256 --batch 60 --epochs 2 --simd strict";

  it("thalweg train ends with the same bits on one and two threads", async () => {
    const one = await calledJson(train, wide);
    const two = await calledJson(train, `${wide} --threads 2`);
    expect([one.threads, two.threads]).toEqual([1, 2]);
    expect(two.parametersSha256).toBe(one.parametersSha256);
    expect([two.train, two.steps]).toEqual([one.train, one.steps]);
    const auto = await calledJson(train, `${wide} --threads auto --epochs 1`);
    expect(auto.threads).toBe(Math.min((await cores())!, 16));
  });

  it("thalweg train reports the threads, and the process ends", () => {
    const { status, stdout, stderr } = thalweg(`train ${wide} --threads 2 --verbose`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Engine +wasm, strict SIMD: asked for; 2 threads$/m);
  });

  it("the js backend has one thread, and says so", async () => {
    const { stdout } = await called(train, "flowers.csv --target kind --epochs 1 --threads 2 --backend js --verbose");
    expect(stdout).toMatch(/^Engine +js: asked for; one thread: js has no more$/m);
  });

  it("thalweg symmetry on two threads ends with the bits of js", async () => {
    const { runs } = await calledJson(symmetry, "--threads 2");
    expect(runs[0]).toMatchObject({ sameBits: true, solved: true });
    expect(runs[0].backends).toMatchObject([
      { backend: "wasm", simd: "strict", threads: 2 },
      { backend: "js", simd: "none", threads: 1 },
    ]);
    const { stdout } = await called(symmetry, "--threads 2 --verbose");
    expect(stdout).toMatch(
      /^wasm, strict SIMD, 2 threads {2}\d+\.\d\d s\n {2}wasm, strict SIMD: .*2 threads\n {2}SHA-256 [0-9a-f]{64}$/m,
    );
  });
});

describe("--save-every", () => {
  const words = "flowers.csv --target kind --optimizer sgd --lr 0.1 --simd strict";
  const epochsSaved = async (more: string): Promise<number> => {
    saves.mockClear();
    await calledJson(train, more);
    return saves.mock.calls.length;
  };

  it("saves after every n epochs, and at the end", async () => {
    expect(await epochsSaved(`${words} --epochs 5 --save each.safetensors --save-every 1`)).toBe(5);
    expect(await epochsSaved(`${words} --epochs 5 --save some.safetensors --save-every 2`)).toBe(3); // 2, 4 and 5
    expect(await epochsSaved(`${words} --epochs 4 --save some.safetensors --save-every 4`)).toBe(1);
    expect(await epochsSaved(`${words} --epochs 2 --save none.safetensors --save-every 9`)).toBe(1);
  });

  it("is kept by a resumed run, and may be changed", async () => {
    const whole = await calledJson(train, `${words} --epochs 9 --save whole.safetensors`);
    await calledJson(train, `${words} --epochs 3 --save part.safetensors --save-every 2`);
    expect(await epochsSaved("flowers.csv --resume part.safetensors --epochs 6")).toBe(2); // 4 and 6
    expect(await epochsSaved("flowers.csv --resume part.safetensors --epochs 8 --save-every 1")).toBe(2);
    const last = await calledJson(train, "flowers.csv --resume part.safetensors --epochs 9");
    expect(last.parametersSha256).toBe(whole.parametersSha256);
  });

  it.each([
    ["--save-every 2", "--save-every: expected --save FILE with it, got none"],
    ["--save a.safetensors --save-every 0", "--save-every: expected a whole number ≥ 1, got 0"],
    ["--save a.safetensors --save-every 1.5", "--save-every: expected a whole number ≥ 1, got 1.5"],
  ])("refuses %s", async (more, message) => {
    expect((await called(train, `${words} ${more}`)).error).toEqual(new UsageError(message));
    expect(saves).not.toHaveBeenCalled();
  });
});
