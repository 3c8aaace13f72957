/** The working memory of products: bounded whatever the shape, and the same for products that accumulate. */
import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { backends } from "../support/backends.js";

const MIB = 2 ** 20;
const MOST = 5.6 * MIB;
const wasm = backends.filter(({ name }) => name !== "js");
const held = (engine: Engine): number => engine.implementation.held;

it.each(wasm)("$name: a long sum needs as little as a short one, with the old C added too", async (backend) => {
  using engine = await backend.create();
  const sizes = [1, 2, 3, 64, 784, 5000, 100_000, 2 ** 28];
  for (const m of sizes) {
    for (const n of sizes) {
      for (const k of sizes) {
        for (const accumulate of [false, true]) {
          // Asked of the backend, which makes this much and keeps it for the products that follow.
          engine.reserve(true, false, m, n, k, accumulate);
          if (held(engine) > 2 * MOST) expect.fail(`${m}x${n}x${k}: ${held(engine) / MIB} MiB`);
        }
      }
    }
  }
});

// f32 stops counting ones at 2^24. A working memory that grew with k wrapped around at this size, and the product wrote
// over whatever stood behind it.
it.each(wasm)("$name: 60 million rows are summed without a touch of other tensors", async (backend) => {
  using engine = await backend.create();
  const rows = 60_000_000;
  using a = engine.tensor([rows, 2]);
  a.data.fill(1);
  const others = Array.from({ length: 6 }, (_, i) => engine.tensor(100_000, new Float32Array(100_000).fill(i + 1)));
  using out = engine.tensor([2, 2], [1, 2, 3, 4]);
  const before = held(engine);
  engine.matmul(a, a, { transposeA: true, out, accumulate: true });
  expect([...out.data]).toEqual([16777216, 16777218, 16777220, 16777220]); // 16777219 is no f32, and rounds to even
  for (const [i, other] of others.entries()) expect(other.data.every((x) => x === i + 1)).toBe(true);
  expect(held(engine) - before).toBeLessThan(MOST);
});

it.each(wasm)("$name: a tensor larger than any block is refused at once, and leaves nothing", async (backend) => {
  using engine = await backend.create();
  const before = held(engine);
  const largest = "out of memory: a request of 1024.00 MiB, and one tensor holds at most 992.00 MiB on wasm";
  expect(() => engine.tensor([2 ** 28])).toThrow(largest);
  expect(held(engine)).toBe(before);
  expect(engine.bytesInUse).toBe(0);
});
