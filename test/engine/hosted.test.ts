/** An engine in the memory of another program, which here is an allocator that never frees. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { hostedEngine } from "../../src/engine/hosted.js";
import { adamw } from "../../src/optim/adamw.js";
import { muon } from "../../src/optim/muon.js";
import { backends } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";

const PAGE = 65536;

describe.each([false, true])("with shared memory: %s", (shared) => {
  it("writes where the host gave memory, and has the bits of any engine", async () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4096, shared });
    const before = 3 * PAGE; // the host's own
    const pattern = new Uint8Array(memory.buffer, 0, before).fill(0xa5);
    let next = before + 8;
    const gaps: number[] = [];
    const alloc = (bytes: number): number => {
      const address = next;
      gaps.push(address + bytes);
      next = address + bytes + 16; // a gap, in which nothing may be written
      const missing = Math.ceil((next - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(missing);
      new Uint8Array(memory.buffer, gaps.at(-1), 16).fill(0xa5);
      return address;
    };
    const freed: number[] = [];
    const host = { memory, alloc, free: (address: number) => void freed.push(address) };
    using engine = await hostedEngine(host);
    expect(engine.reason).toContain("in the memory of another program");
    using other = await createEngine({ backend: "wasm", simd: engine.simd as "strict" });
    const runs = [engine, other].map((one) => {
      const [w, b] = [one.tensor([19, 7], uniform(133, 1)), one.tensor(7, uniform(7, 2))];
      const optimizers = [muon([w]), adamw([b])];
      for (let t = 0; t < 5; t++) {
        w.grad.set(uniform(133, 10 + t));
        b.grad.set(uniform(7, 20 + t));
        for (const opt of optimizers) opt.step();
      }
      const values = [w.toArray(), b.toArray()];
      for (const opt of [...optimizers, w, b]) opt.dispose();
      return values;
    });
    for (const i of [0, 1]) expect(difference(runs[0][i], runs[1][i])).toBeUndefined();
    const bytes = new Uint8Array(memory.buffer);
    expect(new Uint8Array(memory.buffer, 0, before).every((byte) => byte === 0xa5)).toBe(true);
    expect(pattern.length).toBe(before);
    for (const gap of gaps) expect(bytes.subarray(gap, gap + 16).every((byte) => byte === 0xa5)).toBe(true);
    expect(freed.length).toBeGreaterThan(3);
    expect(engine.bytesInUse).toBe(0);
  });
});

it("refuses a request that the host has no memory for, and changes nothing", async () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  using engine = await hostedEngine({ memory, alloc: () => 0, free() {} });
  expect(() => engine.tensor(4)).toThrow(/^out of memory: a request of/);
  expect(engine.bytesInUse).toBe(0);
  expect(backends.length).toBeGreaterThan(1);
});
