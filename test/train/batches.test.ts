import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batches } from "../../src/index.js";
import { backends } from "../support/backends.js";

/** Rows that can be told apart: x = [i, 100 + i], class i. */
const rowsOf = (n: number) => ({
  x: Array.from({ length: n }, (_, i) => [i, 100 + i]),
  y: Int32Array.from({ length: n }, (_, i) => i),
});

/** The batches of one pass, by the rows in them. */
function pass(loader: ReturnType<typeof batches>): number[][] {
  const taken: number[][] = [];
  for (const { x, y } of loader) {
    const rows = [...(y as Int32Array)];
    expect([...x.toArray()]).toEqual(rows.flatMap((i) => [i, 100 + i]));
    taken.push(rows);
  }
  return taken;
}
const sorted = (rows: number[]) => [...rows].sort((a, b) => a - b);

describe.each(backends)("batches on $name", ({ create }) => {
  it("contain every row once per pass, x and y together, for any batch size", async () => {
    using engine = await create();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        async (n, batchSize, seed) => {
          using loader = batches(engine, rowsOf(n), { batchSize, seed });
          const sizes = Array.from({ length: Math.ceil(n / batchSize) }, (_, i) =>
            Math.min(batchSize, n - i * batchSize),
          );
          expect([loader.count, loader.rows]).toEqual([sizes.length, n]);
          for (let epoch = 0; epoch < 2; epoch++) {
            const taken = pass(loader);
            expect(taken.map((rows) => rows.length)).toEqual(sizes);
            expect(sorted(taken.flat())).toEqual([...rowsOf(n).y]);
          }
        },
      ),
      { numRuns: 30 },
    );
    expect(engine.bytesInUse).toBe(0);
  });

  it("are shuffled anew for each pass and each seed, and alike for the same seed", async () => {
    using engine = await create();
    const orders = (seed: number) => {
      using loader = batches(engine, rowsOf(20), { batchSize: 6, seed });
      return [pass(loader).flat(), pass(loader).flat()];
    };
    const [first, second] = orders(1);
    expect(second).not.toEqual(first);
    expect(orders(1)).toEqual([first, second]);
    expect(orders(2)[0]).not.toEqual(first);
  });

  it("keep the order of the data without shuffle, and drop a smaller last batch on demand", async () => {
    using engine = await create();
    using plain = batches(engine, rowsOf(5), { batchSize: 2, shuffle: false });
    expect([pass(plain), pass(plain)]).toEqual([
      [[0, 1], [2, 3], [4]],
      [[0, 1], [2, 3], [4]],
    ]);
    using whole = batches(engine, rowsOf(5), { batchSize: 2, shuffle: false, dropLast: true });
    expect([whole.count, whole.rows, pass(whole)]).toEqual([
      2,
      4,
      [
        [0, 1],
        [2, 3],
      ],
    ]);
    using all = batches(engine, rowsOf(3), { batchSize: 9, dropLast: true });
    expect(pass(all).map((rows) => rows.length)).toEqual([3]); // a number above that of the rows means all
  });

  it("take rows of values as targets", async () => {
    using engine = await create();
    using loader = batches(
      engine,
      {
        x: [[1], [2], [3]],
        y: [
          [10, 11],
          [20, 21],
          [30, 31],
        ],
      },
      { batchSize: 2, shuffle: false },
    );
    const seen: number[][] = [];
    for (const { y } of loader) seen.push("toArray" in y ? [...y.toArray()] : []);
    expect(seen).toEqual([
      [10, 11, 20, 21],
      [30, 31],
    ]);
  });

  it("resume in another loader from their position", async () => {
    using engine = await create();
    const options = { batchSize: 3, seed: 5 };
    await fc.assert(
      fc.asyncProperty(fc.nat(13), async (stop) => {
        using whole = batches(engine, rowsOf(10), options);
        const expected = [...pass(whole), ...pass(whole), ...pass(whole), ...pass(whole)];
        using first = batches(engine, rowsOf(10), options);
        const taken: number[][] = [];
        let at = first.position();
        while (taken.length < stop) {
          for (const { y } of first) {
            taken.push([...(y as Int32Array)]);
            at = first.position();
            if (taken.length === stop) break;
          }
        }
        using second = batches(engine, rowsOf(10), { ...options, seed: 99 });
        second.restore(structuredClone(at));
        expect(second.position()).toEqual(at);
        while (taken.length < expected.length) taken.push(...pass(second));
        expect(taken).toEqual(expected);
      }),
      { numRuns: 14 },
    );
  });

  it("refuse a batch of an earlier pass and wrong arguments", async () => {
    using engine = await create();
    using loader = batches(engine, rowsOf(4), { batchSize: 2 });
    const early = loader[Symbol.iterator]();
    early.next();
    loader[Symbol.iterator]().next();
    expect(() => early.next()).toThrow(/one pass at a time/);
    const make = (o: object, data: object = rowsOf(4)) => batches(engine, data as never, { batchSize: 2, ...o });
    expect(() => make({ batchSize: 0 })).toThrow(/^batchSize: expected a whole number ≥ 1, got 0$/);
    expect(() => make({ seed: 1.5 })).toThrow(/^seed: .*got 1\.5$/);
    expect(() => make({ shuffle: 1 })).toThrow(/^shuffle: expected true or false, got 1$/);
    expect(() => make({ size: 1 })).toThrow(/size/);
    expect(() => make({}, { x: [[1]], y: Int32Array.of(1, 2) })).toThrow(/^data\.y: expected 1 rows/);
    expect(() => batches({} as never, rowsOf(4), { batchSize: 2 })).toThrow(/^engine: /);
    const at = loader.position();
    expect(() => loader.restore({ ...at, batch: 2 })).toThrow(/^position\.batch: expected less than 2/);
    expect(() => loader.restore({ ...at, generator: [1, 2] })).toThrow(/^position\.generator: /);
  });
});
