import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { built } from "../support/built.js";

// What the built package takes on real hosts: each test starts Nodes of its own, and nothing is mocked. Engines of one
// process share nothing, and to start one takes half a second: a process for each set of flags.

interface Report {
  backend?: string;
  simd?: string;
  reason?: string;
  threads?: number;
  product?: number[];
  error?: string;
}

/** Creates engines in a new process, one after the other, and reports on each. `options` are JavaScript. */
async function host(flags: string[], ...options: string[]): Promise<Report[]> {
  const script = `
    import { readFile } from "node:fs/promises";
    const { createEngine } = await import(${JSON.stringify(built("bundled/index.js").href)});
    const binary = new URL(${JSON.stringify(built("wasm/strict.wasm").href)});
    const reports = [];
    for (const options of [${options.map((each) => `async () => (${each})`)}]) {
      try {
        const engine = await createEngine(await options());
        const { backend, simd, reason, threads } = engine;
        const product = [...engine.matmul(engine.tensor([1, 2], [3, 4]), engine.tensor([2, 1], [5, 6])).data];
        reports.push({ backend, simd, reason, threads, product });
      } catch (error) {
        reports.push({ error: String(error) });
      }
    }
    console.log(JSON.stringify(reports));`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", script]);
  const reports: Report[] = JSON.parse(stdout.trim().split("\n").at(-1));
  expect(reports).toHaveLength(options.length);
  return reports;
}
const DEFAULTS = "undefined";

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
  const [plain, strict, js] = await host([], DEFAULTS, '{ simd: "strict" }', '{ backend: "js" }');
  expect(plain).toEqual({
    backend: "wasm",
    simd: relaxedHere ? "relaxed" : "strict",
    reason: relaxedHere
      ? "wasm, relaxed SIMD: the best that the host can run"
      : "wasm, strict SIMD: the host has no relaxed SIMD",
    threads: 1,
    product,
  });
  expect(strict).toMatchObject({ backend: "wasm", simd: "strict", product });
  expect(js).toMatchObject({ backend: "js", reason: "js: asked for", product });
});

test("a host without WebAssembly takes js, and says so", async () => {
  const [plain, strict, wasm, relaxed, given] = await host(
    ["--jitless", "--no-warnings"],
    ...[DEFAULTS, '{ simd: "strict" }', '{ backend: "wasm" }', '{ simd: "relaxed" }'],
    "{ module: await readFile(binary) }",
  );
  const js = { backend: "js", simd: "none", reason: "js: the host has no WebAssembly", threads: 1, product };
  expect(plain).toEqual(js);
  expect(strict).toMatchObject({ backend: "js" });
  expect(wasm.error).toMatch(/"wasm" is not available: .*no WebAssembly/);
  expect(relaxed.error).toMatch(/"relaxed" is not available: .*no WebAssembly/);
  expect(given).toEqual(js);
});

// V8 takes SSE4.1 for granted in its SIMD, and without it has none; other processors have no such switch.
if (process.arch === "x64") {
  test("a host with WebAssembly but no SIMD takes js, and says so", async () => {
    const flags = ["--no-enable-sse4-1"];
    expect(await hasSimd(flags)).toBe(false);
    const module = "{ module: await readFile(binary) }";
    const [plain, wasm, given] = await host(flags, DEFAULTS, '{ backend: "wasm" }', module);
    expect(plain).toEqual({
      backend: "js",
      simd: "none",
      reason: "js: the host has WebAssembly without SIMD",
      threads: 1,
      product,
    });
    expect(wasm.error).toMatch(/"wasm" is not available: .*without SIMD/);
    expect(given).toMatchObject({ backend: "js", product });
    expect(given.reason).toMatch(/^js: the module given failed: /);
  });
}

test("a host that has SIMD but refuses the builds takes js, with what it said of each", async () => {
  const flags = ["--wasm-max-mem-pages=0"];
  expect(await hasSimd(flags)).toBe(true);
  const [plain, wasm] = await host(flags, DEFAULTS, '{ backend: "wasm" }');
  expect(plain).toMatchObject({ backend: "js", product });
  expect(plain.reason).toMatch(/^js: .*the strict build failed: .*memory/);
  if (relaxedHere) expect(plain.reason).toMatch(/the relaxed build failed: .*memory/);
  expect(wasm.error).toMatch(/is not available: .*the strict build failed/);
});

test("a host without relaxed SIMD takes strict, and refuses relaxed by name", async () => {
  const [relaxed, byBoth] = await host([], '{ simd: "relaxed" }', '{ simd: "relaxed", backend: "wasm" }');
  if (relaxedHere) {
    for (const found of [relaxed, byBoth])
      expect(found).toMatchObject({ simd: "relaxed", reason: "wasm, relaxed SIMD: asked for" });
    return;
  }
  expect(relaxed.error).toMatch(/"relaxed" is not available: the host has no relaxed/);
  expect(byBoth.error).toMatch(/not available: .*no relaxed SIMD/);
});

test("a binary may be given as bytes, as a buffer, as a module, and by its address", async () => {
  const modules = [
    "await readFile(binary)",
    "new Uint8Array(await readFile(binary)).buffer",
    "await WebAssembly.compile(await readFile(binary))",
    "binary",
    "binary.href",
  ];
  const found = await host(
    [],
    ...modules.map((module) => `{ module: ${module} }`),
    '{ module: binary, simd: "strict", backend: "wasm" }',
    '{ module: binary, simd: "relaxed" }',
  );
  const wrong = found.pop()!;
  const want = { backend: "wasm", simd: "strict", reason: "wasm, strict SIMD: the module given", threads: 1, product };
  for (const [i, report] of found.entries()) expect(report, modules[i]).toEqual(want);
  expect(wrong.error).toMatch(/"relaxed" is not available: the module given is the strict build/);
});

test("what is no binary of ours lands on js with the reason, and throws where wasm was asked for by name", async () => {
  const rows: [string, RegExp][] = [
    ["new Uint8Array([1, 2, 3])", /the module given failed: .*(expected|magic)/],
    ["Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)", /the module given failed: not a Thalweg binary: .*variant/],
    ['new URL("file:///nowhere/strict.wasm")', /the module given failed: .*ENOENT/],
    ['"not an address"', /the module given failed: .*URL/],
  ];
  const found = await host([], ...rows.map(([module]) => `{ module: ${module} }`));
  const byName = await host([], ...rows.map(([module]) => `{ module: ${module}, backend: "wasm" }`));
  for (const [i, [module, said]] of rows.entries()) {
    expect(found[i], module).toMatchObject({ backend: "js", product });
    expect(found[i].reason).toMatch(said);
    expect(byName[i].error).toMatch(said);
  }
  // Not a module of any kind: a mistake of the caller's, not of the host's.
  const [five, none] = await host([], "{ module: 5 }", "{ module: null }");
  expect(five.error).toMatch(/TypeError: module: expected .*got 5/);
  expect(none.error).toMatch(/TypeError: module: expected .*got null/);
});

test("hosts without Object.prototype.__proto__ load all of it, CommonJS and the parser of tables too", async () => {
  const script = `
    import { createRequire } from "node:module";
    const { createEngine } = createRequire("file:///")(${JSON.stringify(built("cjs/index.js").pathname)});
    const { parseTable } = await import(${JSON.stringify(built("tabular/index.js").href)});
    const { rows } = parseTable('a,b\\n"1, 2",3\\n', "pairs.csv");
    console.log((await createEngine({ backend: "js" })).reason, JSON.stringify(rows));`;
  for (const flags of [
    ["--disable-proto=throw"],
    ["--disable-proto=delete"],
    ["--frozen-intrinsics", "--no-warnings"],
  ]) {
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", script]);
    expect(stdout.trim(), flags[0]).toBe('js: asked for [["1, 2","3"]]');
  }
});
