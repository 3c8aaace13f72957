/** Trials of a table: what is measured, on which rows, and what is prepared for them but once. */
import { describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";
import { preparations } from "../../src/sweep/preparations.js";
import { tableTask } from "../../src/sweep/tableTask.js";
import { withDefaults } from "../../src/tabular/defaults.js";
import type { Settings } from "../../src/tabular/settings.js";
import { trainTable } from "../../src/tabular/trainTable.js";
import { runTrial, together, tuningData } from "../../src/tabular/tune/trial.js";

const { signal } = new AbortController();
const flowers = parseTable(
  [
    "width,height,kind",
    ...Array.from({ length: 60 }, (_, i) => [(i * 7) % 10, (i * 3) % 11]).map(
      ([w, h]) => `${w},${h},${w + h > 9 ? "tulip" : "rose"}`,
    ),
  ].join("\n"),
  "flowers.csv",
);
const settings: Settings = {
  ...withDefaults({ target: "kind", hidden: [4], epochs: 3, lr: 0.02, simd: "strict" }),
};

describe("trials of a table", () => {
  it("measure what training does on the rows held out, with and without an early end", async () => {
    for (const more of [{}, { validation: 0.4 }, { earlyStop: 2 }] as Partial<Settings>[]) {
      const { validation } = await trainTable(flowers, { validation: 0.2, ...settings, ...more });
      const { loss, accuracy } = validation!;
      expect(await tableTask(flowers).run({ ...settings, ...more }, { signal })).toEqual({ loss, accuracy });
    }
  });

  it("are measured on each fold by a network trained on the others", async () => {
    const data = tuningData(flowers, { version: 1, base: settings, validation: { folds: 3 }, stages: [] });
    const each = [];
    for (const fold of [0, 1, 2]) each.push(await runTrial({ settings, fold }, data));
    const { loss, accuracy } = together(each).measure!;
    expect(await tableTask(flowers).run({ ...settings, folds: 3 }, { signal })).toEqual({ loss, accuracy });
  });

  it("have folds or a share, and folds in no halving", async () => {
    const task = tableTask(flowers);
    const tried = async (more: object, until?: number) =>
      await task.run({ ...settings, ...more }, { signal, ...(until !== undefined && { until }) });
    await expect(tried({ folds: 3, validation: 0.2 })).rejects.toThrow("folds: expected folds or validation, got both");
    await expect(tried({ folds: 3 }, 1)).rejects.toThrow("folds: expected validation, a share, in halving, got folds");
    await expect(tried({ folds: 1 })).rejects.toThrow("folds: expected");
  });
});

describe("what is prepared", () => {
  it("is kept for the same settings, and made anew for others", () => {
    const prepared = preparations(flowers);
    const first = prepared({ target: "kind", validation: 0.2 });
    expect(prepared({ target: "kind", validation: 0.2 })).toBe(first);
    expect(prepared({ target: "kind", validation: 0.4 }).train.rows).toBe(36);
    expect(prepared({ target: "kind", validation: 0.2, seed: 3 })).not.toBe(first);
    expect(prepared({ target: "kind", validation: 0.2 })).toBe(first);
  });

  it("is dropped when it takes much memory, but for what was used last", () => {
    const bytes = 60 * (2 + 1) * 4;
    const prepared = preparations(flowers, 2.5 * bytes);
    const [a, b] = [0, 1].map((seed) => prepared({ target: "kind", seed }));
    expect(prepared({ target: "kind", seed: 0 })).toBe(a);
    const c = prepared({ target: "kind", seed: 2 });
    expect(prepared({ target: "kind", seed: 2 })).toBe(c);
    expect(prepared({ target: "kind", seed: 1 })).not.toBe(b);
    const least = preparations(flowers, 1);
    expect(least({ target: "kind" })).toBe(least({ target: "kind" }));
  });
});
