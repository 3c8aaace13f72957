/** Searches for settings: which are tried how long, and that nothing but plan and data decides. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseTable, trainTable } from "../../src/tabular/index.js";
import type { Settings } from "../../src/tabular/settings.js";
import { planTuning, type TunePlan } from "../../src/tabular/tune/plan.js";
import { inThisThread, type TuneRunner } from "../../src/tabular/tune/runner.js";
import { runTrial, tuningData } from "../../src/tabular/tune/trial.js";
import { tune } from "../../src/tabular/tune/tune.js";
import { built } from "../support/built.js";

const flowers = parseTable(
  ["width,height,kind", ...Array.from({ length: 60 }, (_, i) => row(i))].join("\n"),
  "flowers.csv",
);
function row(i: number): string {
  const [width, height] = [(i * 7) % 10, (i * 3) % 11];
  return `${width},${height},${width + height > 9 ? "tulip" : "rose"}`;
}
const prices = parseTable(
  ["size,price", ...Array.from({ length: 40 }, (_, i) => `${i},${100 + 20 * i + (i % 3)}`)].join("\n"),
  "prices.csv",
);
const kinds = { rows: 60, task: "classification" } as const;
const small = { target: "kind", hidden: [4], epochs: 8 };

/** A plan of the stages lr and weightDecay, on one share of the rows. */
const planned = (more: { trials?: number } = {}): TunePlan =>
  planTuning({ ...small, validation: 0.2 }, { ...kinds, stages: ["lr", "weightDecay"], ...more });

/** A runner whose results are a function of the settings, reported in an order of its own. */
function made(loss: (settings: Settings) => number | string, order = (n: number) => [...Array(n).keys()]): TuneRunner {
  return async (trials, _, report) => {
    for (const i of order(trials.length)) {
      const value = loss(trials[i].settings);
      report(i, typeof value === "string" ? { failed: value } : { rows: 10, loss: value, right: 5 });
    }
  };
}
/** Least at a rate of 0.03, and less for more weight decay. */
const bowl = ({ lr = 1e-3, weightDecay = 0.01 }: Settings): number => Math.abs(Math.log10(lr / 0.03)) + 1 - weightDecay;

const data = tuningData(flowers, planned());

describe("tune", () => {
  afterEach(() => vi.restoreAllMocks());

  it("tries nine rates over a quarter of the epochs, four over half, two over all; then the decays at the best rate", async () => {
    const { rows, best, cut, trained } = await tune(planned(), data, { runner: made(bowl) });
    const table = rows.map(({ stage, rung, epochs, settings: { lr = 1e-3, weightDecay = 0.01 } }) => [
      stage,
      rung,
      epochs,
      lr,
      weightDecay,
    ]);
    expect(table).toEqual([
      // The best so far comes first, here the default.
      ...[1e-3, 1e-5, 3e-5, 1e-4, 3e-4, 3e-3, 1e-2, 3e-2, 1e-1].map((lr) => [0, 0, 2, lr, 0.01]),
      ...[3e-2, 1e-2, 1e-1, 3e-3].map((lr) => [0, 1, 4, lr, 0.01]),
      ...[3e-2, 1e-2].map((lr) => [0, 2, 8, lr, 0.01]),
      ...[0.01, 0, 0.1].map((decay) => [1, 0, 8, 3e-2, decay]),
    ]);
    expect(best).toMatchObject({ settings: { lr: 0.03, weightDecay: 0.1, epochs: 8 }, measure: { loss: 0.9 } });
    expect(cut).toBeNull();
    // The best of the first stage is not trained again in the second.
    expect(trained).toBe(17);
  });

  it("has the same rows in whichever order trials end", async () => {
    const reversed = (n: number) => [...Array(n).keys()].reverse();
    const mixed = (n: number) => [...Array(n).keys()].sort((a, b) => ((a * 7) % 5) - ((b * 7) % 5));
    const [one, ...others] = await Promise.all(
      [undefined, reversed, mixed].map((order) => tune(planned(), data, { runner: made(bowl, order) })),
    );
    for (const other of others) expect(other).toEqual(one);
  });

  it("keeps what it had where nothing is better", async () => {
    const { best } = await tune(planned(), data, { runner: made(() => 1) });
    expect(best!.settings).toEqual(planned().base);
  });

  it("does not lose in a stage what was best over all epochs", async () => {
    const plan = planTuning({ ...small, lr: 0.01, validation: 0.2 }, { ...kinds, stages: ["network", "schedule"] });
    // Over half of the epochs any schedule is better than none, over all of them worse.
    const runner = made(({ schedule, epochs }) => (schedule === undefined ? 2 : epochs === 8 ? 3 : 1));
    const { best, rows } = await tune(plan, data, { runner });
    const last = rows.filter(({ stage, rung }) => stage === 1 && rung === 1);
    expect(last.map(({ settings }) => settings.schedule)).toEqual(["linear", "cosine", "cosine", undefined]);
    expect(best!.settings).toEqual(plan.base);
  });

  it("counts a trial that failed as the worst, and reports all failing", async () => {
    const odd: TuneRunner = made((settings) => ((settings.lr ?? 1e-3) > 0.02 ? "diverged" : bowl(settings)));
    const { best, rows } = await tune(planned(), data, { runner: odd });
    expect(best!.settings.lr).toBe(0.01);
    expect(rows.filter(({ failed }) => failed).map(({ settings }) => settings.lr)).toEqual([0.03, 0.1]);
    const none = tune(planned(), data, { runner: made(() => "diverged") });
    await expect(none).rejects.toThrow("no trial could be measured: diverged");
  });

  it("begins no rung that exceeds the number of trials", async () => {
    const { rows, cut, best } = await tune(planned({ trials: 14 }), data, { runner: made(bowl) });
    expect(rows).toHaveLength(13);
    expect(cut).toEqual({ by: "trials", stage: 0, name: "lr", rung: 2, left: 5 });
    expect(best).toMatchObject({ settings: { lr: 0.03 }, epochs: 4 });
  });

  it("begins no rung that would end after the minutes", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    // A minute for an epoch: 18 for the first rung, 16 for each of the next two, as many as their trials × epochs.
    const slow: TuneRunner = made((settings) => {
      now += 60_000 * settings.epochs;
      return bowl(settings);
    });
    const { cut, rows } = await tune(planned(), data, { runner: slow, minutes: 49 });
    expect(cut).toEqual({ by: "minutes", stage: 0, name: "lr", rung: 2, left: 5 });
    expect(rows).toHaveLength(13);
    now = 0;
    expect((await tune(planned(), data, { runner: slow, minutes: 51 })).cut).toMatchObject({ stage: 1, left: 3 });
  });

  it("returns what it has when aborted", async () => {
    const controller = new AbortController();
    let count = 0;
    const runner: TuneRunner = async (trials, all, report, signal) => {
      for (const [i] of trials.entries()) {
        if (++count === 12) controller.abort();
        signal!.throwIfAborted();
        await made(bowl)([trials[i]], all, (_, result) => report(i, result));
      }
    };
    const { rows, cut, best } = await tune(planned(), data, { runner, signal: controller.signal });
    expect(rows.map(({ rung }) => rung)).toEqual([...Array(9).fill(0), 1, 1]);
    expect(cut).toMatchObject({ by: "signal", rung: 1 });
    expect(best).toMatchObject({ settings: { lr: 0.03 }, epochs: 2 }); // of the last whole rung
  });

  it("refuses a plan of another version", async () => {
    await expect(tune({ ...planned(), version: 2 } as never, data)).rejects.toThrow("version: expected 1");
  });
});

describe("trials", () => {
  const settings: Settings = { ...planned().base, lr: 0.02 };

  it("are the runs that training makes", async () => {
    const { validation } = await trainTable(flowers, { ...settings, validation: 0.2 });
    const { loss, accuracy } = validation!;
    expect(await runTrial({ settings, fold: 0 }, data)).toEqual({ rows: 12, loss, right: 12 * accuracy! });
  });

  it("of a regression are measured in its units, over the rows of all folds", async () => {
    const plan = planTuning({ target: "price", hidden: [4], epochs: 2 }, { rows: 40, task: "regression", folds: 4 });
    const folds = tuningData(prices, plan);
    const { rows } = await tune({ ...plan, stages: plan.stages.slice(0, 1) }, folds);
    const [{ settings, epochs, measure }] = rows;
    // As long as it has learned next to nothing, a network is off by about the deviation, which is 231.
    expect(measure!.rmse).toBeGreaterThan(150);
    expect(measure!.rmse).toBeLessThan(400);
    const each = folds.map((_, fold) => runTrial({ settings: { ...settings, epochs }, fold }, folds));
    const losses = (await Promise.all(each)).map((result) => ("loss" in result ? result.loss : Number.NaN));
    expect(measure!.loss).toBeCloseTo(
      losses.reduce((sum, loss) => sum + loss / 4, 0),
      6,
    ); // 10 rows each
    expect(measure!.rmse! ** 2).toBeCloseTo(measure!.loss, 6);
  });

  it("that diverge or cannot be have failed", async () => {
    const wild = { ...settings, optimizer: "sgd", lr: 1e30 };
    expect(await runTrial({ settings: wild, fold: 0 }, data)).toEqual({ failed: expect.any(String) });
    const long: Settings = { ...settings, schedule: "cosine", warmup: 1000 };
    expect(await runTrial({ settings: long, fold: 0 }, data)).toEqual({ failed: expect.stringContaining("warmup") });
  });
});

it("one thread, one worker and two workers find the same", async () => {
  const { WorkerRunner } = (await import(
    built("cli/tuneRunner.js").href
  )) as typeof import("../../src/cli/tuneRunner.js");
  const plan = planTuning(small, { ...kinds, folds: 2, stages: ["lr", "network"] });
  const folds = tuningData(flowers, plan);
  const here = await tune(plan, folds, { runner: inThisThread });
  expect(here.rows.some(({ measure }) => measure!.accuracy! > 0.8)).toBe(true);
  for (const count of [1, 2]) {
    const pool = new WorkerRunner(count);
    try {
      expect(await tune(plan, folds, { runner: pool.run })).toEqual(here);
    } finally {
      pool.dispose();
    }
  }
});
