/** What abi.json says of the binaries themselves is what they are. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { abi, Raw } from "../support/abi.js";
import { built } from "../support/built.js";

const names = Object.keys(abi.binaries);
/** Those that this host can compile: Node 20 has no relaxed SIMD. */
const compiled = names.filter((name) => WebAssembly.validate(readFileSync(built(`wasm/${name}`))));

test("there are four binaries, and the strict ones run everywhere", () => {
  expect(names).toEqual(["strict.wasm", "strict-shared.wasm", "relaxed.wasm", "relaxed-shared.wasm"]);
  expect(compiled).toEqual(expect.arrayContaining(["strict.wasm", "strict-shared.wasm"]));
});

test.each(names)("%s is the file that is described, and exports every kernel", (name) => {
  const bytes = readFileSync(built(`wasm/${name}`));
  const { sha256, bytes: length, exports } = abi.binaries[name];
  expect(bytes).toHaveLength(length);
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  expect([...exports].sort()).toEqual(Object.keys(abi.kernels).sort());
});

test.each(compiled)("%s imports and exports what the host sees", (name) => {
  const module = new WebAssembly.Module(readFileSync(built(`wasm/${name}`)));
  const { memory, exports, simd } = abi.binaries[name];
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: memory.module, name: memory.name, kind: "memory" }]);
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  expect(functions.map((one) => one.name)).toEqual(exports);
  const raw = new Raw(name, 1);
  for (const kernel of exports) expect(raw.exports[kernel], kernel).toHaveLength(abi.kernels[kernel].arguments.length);
  expect(raw.exports.variant()).toBe(simd === "strict" ? 0 : 1);
});

test.each(compiled)("%s takes memory of the least size that is described, and none smaller", (name) => {
  const { initial } = abi.binaries[name].memory;
  expect(() => new Raw(name, initial)).not.toThrow();
  expect(() => new Raw(name, initial - 1)).toThrow(WebAssembly.LinkError);
});

test("alloc gives zeroed, aligned memory in whole lines, and free takes it back", () => {
  const raw = new Raw("strict.wasm", 1);
  const { alloc, free } = raw.exports as Record<string, (x: number) => number>;
  const places = [1, 64, 100, 4096].map((bytes) => ({ bytes, at: alloc(bytes) >>> 0 }));
  for (const [i, { at, bytes }] of places.entries()) {
    const whole = Math.ceil(bytes / abi.padding.bytes) * abi.padding.bytes;
    expect(at % abi.alignment.best).toBe(0);
    expect(new Uint8Array(raw.memory.buffer, at, whole).every((x) => x === 0)).toBe(true);
    if (i > 0) expect(at).toBeGreaterThanOrEqual(places[i - 1].at + places[i - 1].bytes);
    new Uint8Array(raw.memory.buffer, at, whole).fill(1);
  }
  for (const { at } of places) free(at);
  expect(alloc(4096) >>> 0).toBeLessThanOrEqual(places[3].at);
});

test("the package exports abi.json beside the binaries", () => {
  const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    exports: Record<string, { default: string }>;
  };
  expect(exports["./wasm/*"].default).toBe("./dist/wasm/*");
});
