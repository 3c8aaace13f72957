/** One job: what a task may give back or throw, and what becomes of its checkpoints. */
import { describe, expect, it } from "vitest";
import type { CheckpointStore } from "../../src/sweep/checkpoints.js";
import type { SweepPlan } from "../../src/sweep/plan.js";
import { inThisThread, runJob } from "../../src/sweep/runJob.js";
import { sweep } from "../../src/sweep/sweep.js";
import type { Task } from "../../src/sweep/task.js";
import type { Job } from "../../src/sweep/trial.js";

const { signal } = new AbortController();
const job: Job = { id: "t@1", trial: { id: "t", number: 0, settings: {} }, until: 1 };
const task = (run: (...given: never[]) => unknown) => ({ run }) as unknown as Task;
const outcomeOf = (run: () => unknown) => runJob(task(run), job, { signal, checkpoints: undefined });

const thrower = (value: unknown) => () => {
  throw value;
};
const refusing = new Proxy({}, { get: thrower(1), getPrototypeOf: thrower(2), ownKeys: thrower(new Error("keys")) });
const named = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));

describe("an outcome says why there are no measures, in text that is not long, for", () => {
  it.each<[string, () => unknown, string | RegExp]>([
    ["nothing", () => undefined, "expected measures, numbers by name, got undefined"],
    ["no measures", () => ({}), "expected measures, numbers by name, got none"],
    ["a map", () => new Map([["loss", 1]]), "expected measures, numbers by name, got none"],
    ["an array", () => [1], "expected measures, numbers by name, got [1]"],
    ["text for a number", () => ({ loss: "1" }), 'loss: expected a number, got "1"'],
    ["a symbol", () => ({ loss: Symbol("s") }), "loss: expected a number, got Symbol(s)"],
    ["an infinity", () => ({ loss: -1 / 0 }), "loss is -Infinity"],
    ["a thousand and one measures", () => named(1001), "expected at most 1000 measures, got 1001"],
    ["a name without end", () => ({ ["n".repeat(1e6)]: 1 }), /^expected names of measures of at most 200 characters/],
    ["a getter that throws", () => Object.defineProperty({}, "a", { enumerable: true, get: thrower(Error("g")) }), "g"],
    ["an object that refuses all", () => refusing, "threw 1"],
    ["a thrown object that refuses all", thrower(refusing), "an error that cannot be shown"],
    ["a thrown nothing", thrower(undefined), "threw undefined"],
    ["a thrown text", thrower("no"), "no"],
    ["a message without end", thrower(new Error("x".repeat(1e6))), `${"x".repeat(1000)}…`],
  ])("%s", async (_, run, failed) => {
    const matching = typeof failed === "string" ? failed : expect.stringMatching(failed);
    expect(await outcomeOf(run)).toEqual({ failed: matching });
  });
});

it("a thousand measures are kept", async () => {
  expect(await outcomeOf(() => named(1000))).toEqual({ measures: named(1000) });
});

it("a plan that measures what every object inherits has no best trial, as of any name that is not measured", async () => {
  const plan: SweepPlan = {
    ...{ version: 1, task: { module: "one" }, space: { x: [1, 2] }, search: { kind: "grid" } },
    measure: "constructor",
  };
  const { best } = await sweep(plan, { executor: inThisThread(task(() => ({ loss: 1 }))), content: "1" });
  expect(best).toBeUndefined();
});

describe("a checkpoint", () => {
  const store = (more: Partial<CheckpointStore>): CheckpointStore => ({
    load: async () => undefined,
    save: async () => {},
    drop: async () => {},
    clear: async () => {},
    ...more,
  });
  const full = async () => Promise.reject(new Error("ENOSPC: no space left on device, write"));
  const bytes = new Uint8Array(1);
  type Context = { checkpoint: { save(bytes: unknown): Promise<void>; load(): Promise<unknown> } };

  it.each([
    ["saved", { save: full }, job, (_: unknown, { checkpoint }: Context) => checkpoint.save(bytes)],
    [
      "saved by a task that does not wait",
      { save: full },
      job,
      (_: unknown, { checkpoint }: Context) => {
        checkpoint.save(bytes).catch(() => {});
        return { loss: 1 };
      },
    ],
    ["loaded", { load: full }, { ...job, from: 1 }, (_: unknown, { checkpoint }: Context) => checkpoint.load()],
  ] as const)("that cannot be %s ends the sweep: the disk is no fault of the trial", async (_, more, job, run) => {
    const outcome = runJob(task(run), job, { signal, checkpoints: store(more) });
    await expect(outcome).rejects.toThrow("checkpoint: ENOSPC: no space left on device, write");
  });

  it("is there when the outcome is, and is not changed after it", async () => {
    const saved: string[] = [];
    const save = async (id: string) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      saved.push(id);
    };
    let late: Promise<void> | undefined;
    const run = (_: unknown, { checkpoint }: Context) => {
      void checkpoint.save(bytes);
      late = new Promise((resolve) => setTimeout(resolve, 50)).then(() => checkpoint.save(bytes));
      late.catch(() => {});
      return { loss: 1 };
    };
    await runJob(task(run), job, { signal, checkpoints: store({ save }) });
    expect(saved).toEqual(["t@1"]);
    await expect(late).rejects.toThrow(/expected a call before the trial ends, got one after it/);
    expect(saved).toEqual(["t@1"]);
  });

  it("is bytes", async () => {
    const run = (_: unknown, { checkpoint }: Context) => checkpoint.save("text");
    expect(await runJob(task(run), job, { signal, checkpoints: store({}) })).toEqual({
      failed: 'checkpoint.save: expected a Uint8Array, got "text"',
    });
  });
});
