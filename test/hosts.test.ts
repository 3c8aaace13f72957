import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { built } from "./support/built.js";

// What the built package takes on real hosts: each test starts a Node of its own, and nothing is mocked.

interface Report {
  backend?: string;
  simd?: string;
  reason?: string;
  threads?: number;
  product?: number[];
  error?: string;
}

/** Creates an engine in a new process and reports on it. `options` is JavaScript. */
async function host(flags: string[], options: string): Promise<Report> {
  const script = `
    import { readFile } from "node:fs/promises";
    const { createEngine } = await import(${JSON.stringify(built("bundled/index.js").href)});
    const binary = new URL(${JSON.stringify(built("wasm/strict.wasm").href)});
    try {
      const engine = await createEngine(${options});
      const { backend, simd, reason, threads } = engine;
      const product = [...engine.matmul(engine.tensor([1, 2], [3, 4]), engine.tensor([2, 1], [5, 6])).data];
      console.log(JSON.stringify({ backend, simd, reason, threads, product }));
    } catch (error) {
      console.log(JSON.stringify({ error: String(error) }));
    }`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", script]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}

/** Whether a Node with these flags accepts f32x4.add: asked with bytes of the test's own, not the library's. */
async function hasSimd(flags: string[]): Promise<boolean> {
  const script = `
    const splat = [0x41, 0, 0xfd, 15];
    const body = [0, ...splat, ...splat, 0xfd, 228, 1, 11];
    const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 0x7b, 3, 2, 1, 0];
    console.log(WebAssembly.validate(new Uint8Array([...head, 10, body.length + 2, 1, body.length, ...body])));`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "-e", script]);
  return stdout.trim() === "true";
}

const relaxedHere = Number(process.versions.node.split(".")[0]) >= 22;
const product = [39];

test("a plain host takes the best build that it can run", async () => {
  expect(await hasSimd([])).toBe(true);
  expect(await host([], "")).toEqual({
    backend: "wasm",
    simd: relaxedHere ? "relaxed" : "strict",
    reason: relaxedHere
      ? "wasm, relaxed SIMD: the best that the host can run"
      : "wasm, strict SIMD: the host has no relaxed SIMD",
    threads: 1,
    product,
  });
  expect(await host([], '{ simd: "strict" }')).toMatchObject({ backend: "wasm", simd: "strict", product });
  expect(await host([], '{ backend: "js" }')).toMatchObject({ backend: "js", reason: "js: asked for", product });
});

test("a host without WebAssembly takes js, and says so", async () => {
  const jitless = ["--jitless", "--no-warnings"];
  expect(await host(jitless, "")).toEqual({
    backend: "js",
    simd: "none",
    reason: "js: the host has no WebAssembly",
    threads: 1,
    product,
  });
  expect(await host(jitless, '{ simd: "strict" }')).toMatchObject({ backend: "js" });
  expect((await host(jitless, '{ backend: "wasm" }')).error).toMatch(/"wasm" is not to be had: .*no WebAssembly/);
  expect((await host(jitless, '{ simd: "relaxed" }')).error).toMatch(/"relaxed" is not to be had: .*no WebAssembly/);
  const given = await host(jitless, "{ module: await readFile(binary) }");
  expect(given).toMatchObject({ backend: "js", reason: "js: the host has no WebAssembly", product });
});

// V8 takes SSE4.1 for granted in its SIMD, and without it has none; other processors have no such switch.
if (process.arch === "x64") {
  test("a host with WebAssembly but no SIMD takes js, and says so", async () => {
    const flags = ["--no-enable-sse4-1"];
    expect(await hasSimd(flags)).toBe(false);
    expect(await host(flags, "")).toEqual({
      backend: "js",
      simd: "none",
      reason: "js: the host has WebAssembly without SIMD",
      threads: 1,
      product,
    });
    expect((await host(flags, '{ backend: "wasm" }')).error).toMatch(/"wasm" is not to be had: .*without SIMD/);
    const given = await host(flags, "{ module: await readFile(binary) }");
    expect(given).toMatchObject({ backend: "js", product });
    expect(given.reason).toMatch(/^js: the module given failed: /);
  });
}

test("a host that has SIMD but refuses the builds takes js, with what it said of each", async () => {
  const flags = ["--wasm-max-mem-pages=0"];
  expect(await hasSimd(flags)).toBe(true);
  const found = await host(flags, "");
  expect(found).toMatchObject({ backend: "js", product });
  expect(found.reason).toMatch(/^js: .*the strict build failed: .*memory/);
  if (relaxedHere) expect(found.reason).toMatch(/the relaxed build failed: .*memory/);
  expect((await host(flags, '{ backend: "wasm" }')).error).toMatch(/is not to be had: .*the strict build failed/);
});

test("a host without relaxed SIMD takes strict, and refuses relaxed by name", async () => {
  if (relaxedHere) {
    expect(await host([], '{ simd: "relaxed" }')).toMatchObject({
      simd: "relaxed",
      reason: "wasm, relaxed SIMD: asked for",
    });
    return;
  }
  expect((await host([], '{ simd: "relaxed" }')).error).toMatch(/"relaxed" is not to be had: the host has no relaxed/);
  expect((await host([], '{ simd: "relaxed", backend: "wasm" }')).error).toMatch(/not to be had: .*no relaxed SIMD/);
});

test("a binary may be given as bytes, as a buffer, as a module, and by its address", async () => {
  const want = { backend: "wasm", simd: "strict", reason: "wasm, strict SIMD: the module given", threads: 1, product };
  for (const module of [
    "await readFile(binary)",
    "new Uint8Array(await readFile(binary)).buffer",
    "await WebAssembly.compile(await readFile(binary))",
    "binary",
    "binary.href",
  ]) {
    expect(await host([], `{ module: ${module} }`), module).toEqual(want);
  }
  expect(await host([], '{ module: binary, simd: "strict", backend: "wasm" }')).toEqual(want);
  const wrong = await host([], '{ module: binary, simd: "relaxed" }');
  expect(wrong.error).toMatch(/"relaxed" is not to be had: the module given is the strict build/);
});

test("what is no binary of ours lands on js with the reason, and throws where wasm was asked for by name", async () => {
  for (const [module, said] of [
    ["new Uint8Array([1, 2, 3])", /the module given failed: .*(expected|magic)/],
    ["Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)", /the module given failed: not a Thalweg binary: .*variant/],
    ['new URL("file:///nowhere/strict.wasm")', /the module given failed: .*ENOENT/],
    ['"not an address"', /the module given failed: .*URL/],
  ] as const) {
    const found = await host([], `{ module: ${module} }`);
    expect(found, module).toMatchObject({ backend: "js", product });
    expect(found.reason).toMatch(said);
    expect((await host([], `{ module: ${module}, backend: "wasm" }`)).error).toMatch(said);
  }
  // Not a module of any kind: a mistake of the caller's, not of the host's.
  expect((await host([], "{ module: 5 }")).error).toMatch(/TypeError: module: expected .*got 5/);
  expect((await host([], "{ module: null }")).error).toMatch(/TypeError: module: expected .*got null/);
});
