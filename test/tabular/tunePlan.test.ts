/** Plans of a search for settings: its stages, the arithmetic of successive halving, folds. */
import { describe, expect, it } from "vitest";
import { foldOf } from "../../src/data/split.js";
import { random } from "../../src/math/random.js";
import type { Settings } from "../../src/tabular/settings.js";
import { ranked, rungsOf } from "../../src/tabular/tune/halving.js";
import { planTuning } from "../../src/tabular/tune/plan.js";
import { changed } from "../../src/tabular/tune/stages.js";

const kinds = { rows: 60, task: "classification" } as const;

describe("successive halving", () => {
  // Worked out by hand: half go on, until two or three are left for all epochs.
  it.each([
    [1, [[1, 1]]],
    [2, [[2, 1]]],
    [3, [[3, 1]]],
    [
      4,
      [
        [4, 2],
        [2, 1],
      ],
    ],
    [
      6,
      [
        [6, 2],
        [3, 1],
      ],
    ],
    [
      9,
      [
        [9, 4],
        [4, 2],
        [2, 1],
      ],
    ],
    [
      16,
      [
        [16, 8],
        [8, 4],
        [4, 2],
        [2, 1],
      ],
    ],
  ])("of %i settings", (n, expected) => {
    expect(rungsOf(n).map(({ count, divisor }) => [count, divisor])).toEqual(expected);
  });

  it("ranks by accuracy, then by loss, then by the order given; what failed is last", () => {
    const of = (id: number, accuracy: number, loss: number) => ({ id, measure: { accuracy, loss, rmse: null } });
    const list = [{ id: 0, measure: null }, of(1, 0.8, 2), of(2, 0.9, 5), of(3, 0.9, 4), of(4, 0.8, 2)];
    expect(ranked(list).map(({ id }) => id)).toEqual([3, 2, 1, 4, 0]);
  });
});

describe("planTuning", () => {
  it("goes by the documents' order: learning rate on a log scale, weight decay, batch size, schedule", () => {
    const { stages, base, validation } = planTuning({ target: "kind" }, { ...kinds, rows: 1000 });
    expect(stages.map(({ name }) => name).slice(0, 4)).toEqual(["lr", "weightDecay", "batch", "schedule"]);
    const valuesOf = (i: number, name: keyof Settings) => stages[i].candidates.map(({ set }) => set![name]);
    expect(valuesOf(0, "lr")).toEqual([1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]);
    expect(valuesOf(1, "weightDecay")).toEqual([0, 0.01, 0.1]);
    expect(valuesOf(2, "batch")).toEqual([16, 32, 64, 128]);
    expect(valuesOf(3, "warmup").slice(-3)).toEqual(["1%", "5%", "10%"]);
    expect(validation).toEqual({ folds: 5 });
    expect(base).toMatchObject({ simd: "strict", seed: 1, optimizer: "adamw" });
  });

  it("is plain data", () => {
    const plan = planTuning({ target: "kind" }, kinds);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it("leaves settings that are given as they are, and sweeps none that the optimizer or the task lacks", () => {
    const names = (given: Partial<Settings>, task: "classification" | "regression" = "classification") =>
      planTuning({ target: "kind", ...given }, { rows: 1000, task }).stages.map(({ name }) => name);
    expect(names({ lr: 0.1 })).not.toContain("lr");
    expect(names({ lr: 0.1 })).not.toContain("lrAgain");
    expect(names({ optimizer: "rprop" })).not.toContain("weightDecay");
    expect(names({ warmup: 3, epochs: 5 })).not.toContain("schedule");
    expect(names({ hidden: [] })).not.toContain("network");
    expect(names({}, "regression")).not.toContain("labelSmoothing");
  });

  it("scales the learning rate linearly with the batch", () => {
    const { stages, base } = planTuning({ target: "kind" }, { rows: 1000, task: "regression", stages: ["batch"] });
    const tried = stages[0].candidates.map((change) => changed({ ...base, lr: 0.01 }, change));
    expect(tried.map(({ batch, lr }) => [batch, lr])).toEqual([
      [16, 0.005],
      [32, 0.01],
      [64, 0.02],
      [128, 0.04],
    ]);
  });

  it.each([
    [{ folds: 61 }, "folds: expected at most 60, the number of rows, got 61"],
    [{ folds: 1 }, "folds: expected a whole number ≥ 2, got 1"],
    [{ stages: ["lrs"] }, 'stages[0]: expected "lr" or "weightDecay"'],
    [{ trials: 8 }, "trials: expected at least 9, those of the first rung of the stage lr, got 8"],
  ])("refuses %j", (options, message) => {
    expect(() => planTuning({ target: "kind" }, { ...kinds, ...(options as object) })).toThrow(message);
  });

  it("refuses folds and a share together, and a plan without a stage", () => {
    expect(() => planTuning({ target: "kind", validation: 0.2 }, { ...kinds, folds: 3 })).toThrow(
      "folds or validation",
    );
    expect(() => planTuning({ target: "kind", lr: 1 }, { ...kinds, stages: ["lr"] })).toThrow("stages: expected a ");
  });
});

it("folds have every row once, and of each class as many but one", () => {
  const labels = Int32Array.from({ length: 53 }, (_, i) => (i % 7 === 0 ? 1 : 0)); // 8 of class 1
  const folds = [0, 1, 2, 3, 4].map((index) => foldOf(53, { index, of: 5 }, random(3), labels));
  expect(folds.flatMap(({ heldOut }) => [...heldOut]).sort((a, b) => a - b)).toEqual([...labels.keys()]);
  for (const { kept, heldOut } of folds) {
    expect(kept.length + heldOut.length).toBe(53);
    expect([10, 11]).toContain(heldOut.length);
    expect([1, 2]).toContain(heldOut.filter((r) => labels[r] === 1).length);
    expect(heldOut.some((r) => kept.includes(r))).toBe(false);
  }
});
