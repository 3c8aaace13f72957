/** `maxMemoryMiB`: a step under one limit after another, and memory that is used again. */
import { describe, expect, it } from "vitest";
import * as t from "../../src/index.js";
import { backends, threaded } from "../support/backends.js";
import { difference, uniform } from "../support/numbers.js";
import { plain, same, values } from "../support/outOfMemory.js";

const { dense, relu, mse } = t;
const WORDS =
  /^out of memory: a request of \d+\.\d\d MiB with \d+\.\d\d MiB in use( \(\d+\.\d\d MiB with working memory and gaps\))? and a limit of \d+\.\d\d MiB$/;

// Rung by rung, as what is missing may be the working memory of products too, which only the backend knows of.
describe.each([...backends, threaded(2)])(
  "$name, under limits from too low for a model to enough for a step",
  (backend) => {
    it("each piece of a step is done whole or not at all, and the engine works on", async () => {
      const failed = new Set<string>();
      for (let limit = 0.0625; ; limit += 0.0625) {
        using engine = await backend.create({ maxMemoryMiB: limit });
        /** Runs a piece; when it is refused, all but what it made must be as before. */
        const piece = <T>(name: string, state: () => unknown, run: () => T): T | undefined => {
          const before = plain(state());
          try {
            return run();
          } catch (error) {
            expect(error, name).toBeInstanceOf(RangeError);
            expect((error as Error).message, name).toMatch(WORDS);
            same(plain(state()), before, `${name} with ${limit} MiB`);
            failed.add(name);
            return undefined;
          }
        };
        const bytes = () => engine.bytesInUse;
        const model = piece("model", bytes, () => t.sequential(engine, [dense(100, 80), relu(), dense(80, 60)]));
        if (model === undefined) continue;
        const all = () => [values(model.parameters()), model.generatorState];
        const x = piece("batch", bytes, () => engine.tensor([150, 100], uniform(150 * 100, 1)));
        const target = x && piece("batch", bytes, () => engine.tensor([150, 60], uniform(150 * 60, 2)));
        const y = target && piece("forward", all, () => model.forward(x));
        const loss = y && piece("loss", all, () => mse(y, target));
        const done = loss && piece("backward", all, () => model.backward(loss.grad) !== undefined);
        using opt = t.adam(model.parameters());
        const stepped =
          done &&
          piece(
            "step",
            () => [all(), opt.stateDict()],
            () => opt.step() === undefined,
          );
        opt.dispose();
        model.dispose();
        x?.dispose();
        target?.dispose();
        expect(engine.bytesInUse).toBe(0);
        const c = engine.matmul(engine.tensor([2, 2], [1, 2, 3, 4]), engine.tensor([2, 2], [5, 6, 7, 8]));
        expect([...c.data]).toEqual([19, 22, 43, 50]);
        if (stepped) break;
      }
      for (const name of ["batch", "forward", "backward"]) expect([...failed]).toContain(name);
    });
  },
);

it.each([...backends, threaded(2)])(
  "$name: what is free again serves larger requests, up to the limit",
  async (backend) => {
    using engine = await backend.create({ maxMemoryMiB: 8 });
    const kept = engine.tensor(1008, uniform(1008, 1));
    for (let mib = 0.5; mib <= 7; mib += 0.5) {
      using grown = engine.tensor(mib * 2 ** 18);
      expect(grown.data.findIndex((x) => x !== 0)).toBe(-1);
      grown.data.fill(1);
    }
    expect(difference(kept.data, uniform(1008, 1))).toBeUndefined();
    expect(() => engine.tensor(8 * 2 ** 18)).toThrow(
      "out of memory: a request of 8.00 MiB with 0.00 MiB in use and a limit of 8.00 MiB",
    );
    expect(engine.bytesInUse).toBe(4032);
  },
);
