/** What a refused request leaves: the memory that was taken before it, and no more. And blocks so large that the allocator errs. */
import { expect, test } from "vitest";
import { createEngine, type Tensor } from "../../src/index.js";
import { numbers } from "../support/numbers.js";

const MIB = 2 ** 18; // elements

test.each([1, 2])("a refused request takes no memory, and what fits is not refused; %d threads", async (threads) => {
  const next = numbers(5);
  let refused = 0;
  for (let round = 0; round < (threads === 1 ? 20 : 5); round++) {
    const limit = 1 + 7 * next();
    using engine = await createEngine({ maxMemoryMiB: limit, threads });
    const bytes = () => engine.implementation.held;
    const live: Tensor[] = [];
    for (let i = 0; i < 12; i++) {
      if (live.length > 0 && next() < 0.3) live.splice(Math.floor(next() * live.length), 1)[0].dispose();
      const free = limit * MIB - engine.bytesInUse / 4;
      const before = bytes();
      try {
        live.push(engine.tensor(1 + Math.floor(next() * free)));
      } catch (error) {
        expect((error as Error).message).toMatch(/^out of memory: /);
        expect(bytes()).toBe(before);
        refused++;
      }
    }
    // Whatever was refused and freed before: all that there is serves one request, but for rounding up by a 16th.
    for (const tensor of live) tensor.dispose();
    expect(() => engine.tensor(Math.floor((limit - 0.2) * MIB * (15 / 16)))).not.toThrow();
    expect(bytes()).toBeLessThanOrEqual(limit * 2 ** 20);
  }
  expect(refused).toBeGreaterThan(threads === 1 ? 20 : 5);
});

// AssemblyScript's allocator took a free block of 513 MiB for a request of 540, which overlapped what came after it.
test("a large tensor does not take a block that is too short for it", async () => {
  using engine = await createEngine({ simd: "strict" });
  const first = engine.tensor(513 * MIB);
  const next = engine.tensor(30 * MIB);
  next.data.fill(7);
  first.dispose();
  const larger = engine.tensor(540 * MIB);
  larger.data[540 * MIB - 1] = 1;
  expect(next.data.findIndex((x) => x !== 7)).toBe(-1);
});

test("a larger tensor than any block is refused at once with the most that one holds", async () => {
  using engine = await createEngine({ simd: "strict" });
  const message = /^out of memory: a request of 992\.00 MiB, and one tensor holds at most 992\.00 MiB on wasm$/;
  expect(() => engine.tensor(992 * MIB + 1)).toThrow(message);
  expect(engine.implementation.held).toBeLessThan(2 ** 20);
});
