/** The search of `tune` as that of a sweep: the same trials with the same measures, and the same settings win. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";
import type { SweepPlan } from "../../src/sweep/plan.js";
import { inThisThread } from "../../src/sweep/runJob.js";
import { sweep } from "../../src/sweep/sweep.js";
import { tableTask } from "../../src/sweep/tableTask.js";
import type { Task } from "../../src/sweep/task.js";
import type { TrialSettings } from "../../src/sweep/trial.js";
import type { Settings } from "../../src/tabular/settings.js";
import { planTuning, type TunePlan } from "../../src/tabular/tune/plan.js";
import type { TuneRunner } from "../../src/tabular/tune/runner.js";
import { together, tuningData } from "../../src/tabular/tune/trial.js";
import { tune } from "../../src/tabular/tune/tune.js";

const lines = [
  "width,height,kind",
  ...Array.from({ length: 60 }, (_, i) => [(i * 7) % 10, (i * 3) % 11]).map(
    ([w, h]) => `${w},${h},${w + h > 9 ? "tulip" : "rose"}`,
  ),
];
const flowers = parseTable(lines.join("\n"), "flowers.csv");
const tuning = (more: { trials?: number | undefined; validation?: number } = {}): TunePlan => {
  const { validation, trials } = more;
  return planTuning(
    { target: "kind", hidden: [4], epochs: 4, ...(validation !== undefined && { validation }) },
    {
      ...{ rows: 60, task: "classification", stages: ["lr", "network", "schedule"], trials },
      ...(validation === undefined && { folds: 2 }),
    },
  );
};
const measuredOn = (how: TunePlan["validation"]) => ("folds" in how ? how : { validation: how.share });

/** The plan of a sweep with the same search. */
const sweepOf = ({ base, stages, trials, validation }: TunePlan): SweepPlan => ({
  version: 1,
  task: { table: "flowers.csv" },
  settings: { ...(base as unknown as TrialSettings), ...measuredOn(validation) },
  search: { kind: "stages", stages, ...(trials !== undefined && { trials }) },
  measure: "accuracy",
  goal: "max",
});
const keyOf = (settings: object) => JSON.stringify(Object.entries(settings).sort());

/** What `tune` tried, each settings over so many epochs once, as the trials of a sweep have them. */
const triedBy = ({ rows, plan }: Awaited<ReturnType<typeof tune>>) => {
  const each = rows.map(({ settings, epochs, measure, failed }) => {
    const { rmse: _, ...measures } = measure ?? { rmse: null };
    return [keyOf({ ...settings, epochs, ...measuredOn(plan.validation) }), failed ?? measures] as const;
  });
  return [...new Map(each)];
};
const triedIn = ({ rows }: Awaited<ReturnType<typeof sweep>>) =>
  rows.map(({ settings, measures, failed }) => [keyOf(settings), failed ?? measures]);

describe("stages", () => {
  it.each([
    ["folds", {}],
    ["a share of the rows", { validation: 0.3 }],
  ])("have the trials of tune on %s, in its order, with its measures, and its best", async (_, how) => {
    const plan = tuning(how);
    const tuned = await tune(plan, tuningData(flowers, plan));
    const swept = await sweep(sweepOf(plan), { executor: inThisThread(tableTask(flowers)), content: "1" });
    expect(triedIn(swept)).toEqual(triedBy(tuned));
    const { settings, epochs, measure } = tuned.best!;
    expect(swept.best).toMatchObject({
      settings: { ...settings, epochs, ...measuredOn(plan.validation) },
      measures: { loss: measure.loss, accuracy: measure.accuracy },
    });
    expect(swept.complete).toBe(true);
  });

  /** Results that are a function of the settings, for both. */
  const made = (loss: (settings: Settings) => number | string): { runner: TuneRunner; task: Task } => ({
    runner: async (trials, _, report) => {
      for (const [i, { settings }] of trials.entries()) {
        const value = loss(settings);
        report(i, typeof value === "string" ? { failed: value } : { rows: 10, loss: value, right: 5 });
      }
    },
    task: {
      run: (settings) => {
        const value = loss(settings as unknown as Settings);
        if (typeof value === "string") throw new Error(value);
        const one = { rows: 10, loss: value, right: 5 };
        const { loss: mean } = together([one, one]).measure!; // with its rounding
        return { loss: mean, accuracy: 0.5 };
      },
    },
  });

  it.each([
    ["a bowl", ({ lr = 1e-3, dropout = 0 }: Settings) => Math.abs(Math.log10(lr / 0.03)) + dropout],
    ["failures", ({ lr = 1e-3 }: Settings) => (lr > 0.02 ? "diverged" : 1 - lr)],
    ["equals", () => 1],
    // A stage must not end with worse than it began with: its best come back in the last rung.
    ["luck over few epochs", ({ schedule, epochs }: Settings) => (schedule === undefined ? 2 : epochs === 4 ? 3 : 1)],
  ])("decide as tune does on %s", async (_, loss) => {
    for (const trials of [undefined, 12, 20]) {
      const plan = tuning({ trials });
      const { runner, task } = made(loss);
      const tuned = await tune(plan, tuningData(flowers, plan), { runner });
      const swept = await sweep(sweepOf(plan), { executor: inThisThread(task), content: "1" });
      expect(triedIn(swept)).toEqual(triedBy(tuned));
      expect(swept.best?.settings).toEqual({ ...tuned.best!.settings, epochs: tuned.best!.epochs, folds: 2 });
    }
  });

  it("go on from a journal after an end at any result", async () => {
    const { task } = made(({ lr = 1e-3 }) => Math.abs(Math.log10(lr / 0.03)));
    const whole = await sweep(sweepOf(tuning()), { executor: inThisThread(task), content: "1" });
    const folder = await mkdtemp(join(process.env.THALWEG_TEST_FOLDER!, "stages-"));
    for (const last of [1, 9, 12, 16]) {
      const journal = join(folder, `${last}.jsonl`);
      const stop = new AbortController();
      let runs = 0;
      const first: Task = {
        run: (...given) => {
          if (++runs === last) stop.abort(new Error("enough"));
          return task.run(...given);
        },
      };
      const options = { content: "1", journal };
      await sweep(sweepOf(tuning()), { ...options, executor: inThisThread(first), signal: stop.signal });
      expect(await sweep(sweepOf(tuning()), { ...options, executor: inThisThread(task) })).toEqual(whole);
    }
  });

  const refused: [string, object, string][] = [
    ["a module", { task: { module: "a.mjs" } }, "task: expected a table"],
    ["a space", { space: { lr: [1, 2] } }, "space: expected none"],
    ["another measure", { measure: "f1" }, 'measure: expected "loss" or "rmse" or "accuracy"'],
    ["the wrong goal", { goal: "min" }, 'goal: expected "max" for accuracy'],
    ["too few trials", { search: { ...sweepOf(tuning()).search, trials: 3 } }, "search.trials: expected at least 9"],
    ["no stages", { search: { kind: "stages", stages: [] } }, "stages: expected at least one"],
    ["no settings", { settings: { target: "kind" } }, "hidden: expected a value, got none"],
    [
      "an unknown setting",
      { search: { kind: "stages", stages: [{ ...tuning().stages[0], candidates: [{ set: { rate: 1 } }] }] } },
      "rate",
    ],
  ];
  it.each(refused)("refuse %s", async (_, more, message) => {
    const plan = { ...sweepOf(tuning()), ...more } as SweepPlan;
    await expect(sweep(plan, { executor: inThisThread(tableTask(flowers)), content: "1" })).rejects.toThrow(message);
  });
});
