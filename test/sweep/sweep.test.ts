/** Sweeps in one thread: tasks, checkpoints between rungs, what fails, what a journal spares. */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseTable } from "../../src/data/parseTable.js";
import { folderStore } from "../../src/sweep/checkpoints.js";
import type { SweepPlan } from "../../src/sweep/plan.js";
import { inThisThread, runJob } from "../../src/sweep/runJob.js";
import { sweep } from "../../src/sweep/sweep.js";
import { tableTask } from "../../src/sweep/tableTask.js";
import type { Task } from "../../src/sweep/task.js";
import type { Job } from "../../src/sweep/trial.js";
import { trainTable } from "../../src/tabular/trainTable.js";

const folder = await mkdtemp(join(process.env.THALWEG_TEST_FOLDER!, "sweep-"));
const { signal } = new AbortController();

const plan: SweepPlan = {
  version: 1,
  task: { module: "quadratic" },
  space: { x: [3, 1, 2, -1], y: [0, 1] },
  search: { kind: "grid" },
};
/** A task that counts its runs. */
function counted(run: (x: number, y: number) => number): Task & { runs: number } {
  const task = {
    runs: 0,
    run: (settings: Readonly<Record<string, unknown>>) => {
      task.runs++;
      return { loss: run(settings.x as number, settings.y as number) };
    },
  };
  return task;
}
const bowl = (x: number, y: number) => (x - 1) ** 2 + (y - 1) ** 2;

describe("a sweep", () => {
  it("tries every point of a grid, and finds the best", async () => {
    const { rows, best, complete } = await sweep(plan, { executor: inThisThread(counted(bowl)), content: "1" });
    expect(rows.map(({ trial, measures }) => [trial, measures!.loss])).toEqual(
      [5, 4, 1, 0, 2, 1, 5, 4].map((loss, i) => [i, loss]),
    );
    expect([best?.settings, complete]).toEqual([{ x: 1, y: 1 }, true]);
  });

  it("ranks by a measure of the plan, from high to low if it says so", async () => {
    const { best } = await sweep({ ...plan, goal: "max" }, { executor: inThisThread(counted(bowl)), content: "1" });
    expect(best).toMatchObject({ trial: 0, measures: { loss: 5 } }); // of equals the first
    const other = await sweep({ ...plan, measure: "width" }, { executor: inThisThread(counted(bowl)), content: "1" });
    expect(other.best).toBeUndefined();
  });

  it("has jobs at hand for when one ends, and tells those that run", async () => {
    const here = inThisThread(counted(bowl));
    const begun: number[] = [];
    let running = 0;
    let given = 0;
    let most = 0;
    await sweep(plan, {
      executor: {
        ...{ slots: 4, atOnce: 2, close: here.close },
        run: async (job, signal) => {
          most = Math.max(most, ++given);
          const outcome = await here.run(job, signal);
          given--;
          return outcome;
        },
      },
      content: "1",
      onProgress: (progress) => {
        begun.push(progress.running);
        running = Math.max(running, progress.running);
      },
    });
    expect([most, running]).toEqual([4, 2]);
    expect(begun.length).toBeGreaterThan(8);
  });

  it("goes on after trials that throw or measure no number", async () => {
    const task = counted((x, y) => {
      if (x === 3) throw new Error("three");
      return x === 2 ? Number.NaN : y;
    });
    const { rows, best } = await sweep(plan, { executor: inThisThread(task), content: "1" });
    expect(rows.map((row) => row.failed)).toEqual([
      ...["three", "three", undefined, undefined, "loss is NaN", "loss is NaN", undefined, undefined],
    ]);
    expect(best?.settings).toEqual({ x: 1, y: 0 });
  });

  it("does not run again what its journal has, and ends with the same rows", async () => {
    const journal = join(folder, "again.jsonl");
    const whole = await sweep(plan, { executor: inThisThread(counted(bowl)), content: "1" });
    const stop = new AbortController();
    const first = counted((x, y) => {
      if (first.runs === 4) stop.abort(new Error("enough"));
      return bowl(x, y);
    });
    const options = { content: "1", journal };
    const cut = await sweep(plan, { ...options, executor: inThisThread(first), signal: stop.signal });
    expect([cut.complete, cut.rows]).toEqual([false, whole.rows.slice(0, 3)]);
    const second = counted(bowl);
    expect(await sweep(plan, { ...options, executor: inThisThread(second) })).toEqual(whole);
    expect(second.runs).toBe(5);
    const other = sweep(plan, { content: "2", journal, executor: inThisThread(second) });
    await expect(other).rejects.toThrow(/expected the journal of this plan and its data/);
  });

  it.each([{ kind: "random", trials: 40 } as const, { kind: "asha", trials: 40, max: 9 } as const])(
    "has as many trials as planned where random points are the same ($kind)",
    async (search) => {
      const few: SweepPlan = { ...plan, space: { x: [1, 2] }, search };
      const executor = { ...inThisThread(counted((x) => x)), slots: 8 };
      const { rows } = await sweep(few, { executor, content: "1", journal: join(folder, `few-${search.kind}.jsonl`) });
      expect(new Set(rows.map(({ id }) => id)).size).toBe(40);
    },
  );

  it("gives rows on in their order, as soon as can be, and keeps none then", async () => {
    const whole = await sweep(plan, { executor: inThisThread(counted(bowl)), content: "1" });
    const given: number[] = [];
    const release: (() => void)[] = [];
    const executor = {
      ...inThisThread(counted(bowl)),
      slots: 4,
      run: async ({ trial: { settings, number } }: Job) => {
        if (number === 0) await new Promise<void>((resolve) => release.push(resolve));
        if (number === 7) release[0]();
        return { measures: { loss: bowl(settings.x as number, settings.y as number) } };
      },
    };
    const { rows, best } = await sweep(plan, { executor, content: "1", onRow: ({ trial }) => given.push(trial) });
    expect([rows, best]).toEqual([[], whole.best]);
    expect(given).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("drops the state that a trial resumed from when its next outcome is safe, and all at the end", async () => {
    const states = new Set<string>();
    let most = 0;
    const store = {
      load: async () => undefined,
      save: async (id: string) => {
        states.add(id);
        most = Math.max(most, states.size);
      },
      drop: async (id: string) => void states.delete(id),
      clear: async () => states.clear(),
    };
    const task: Task = {
      run: async ({ x }, { until, checkpoint }) => {
        await checkpoint!.save(new Uint8Array(1));
        return { loss: (x as number) + 1 / until! };
      },
    };
    const asha: SweepPlan = {
      ...plan,
      space: { x: { from: 0, to: 1 } },
      search: { kind: "asha", trials: 27, max: 27 },
    };
    const { rows } = await sweep(asha, { executor: inThisThread(task, store), content: "1" });
    expect(states.size).toBe(0);
    expect(most).toBeLessThan(rows.length - 9); // of each trial the last alone
    expect(most).toBeLessThanOrEqual(28);
  });

  it("ends with what the executor rejects with", async () => {
    const executor = { slots: 2, run: () => Promise.reject(new Error("gone")), close: async () => {} };
    await expect(sweep(plan, { executor, content: "1" })).rejects.toThrow("gone");
  });
});

describe("a network on a table", () => {
  const rows = Array.from(
    { length: 90 },
    (_, i) => `${i % 9},${(i * 7) % 10},${(i % 9) + ((i * 7) % 10) > 8 ? "a" : "b"}`,
  );
  const table = parseTable(["u,v,kind", ...rows].join("\n"), "kinds.csv");
  const settings = { target: "kind", hidden: [8], epochs: 9, dropout: 0.1, schedule: "cosine", lr: 0.01 };
  const trial = { id: "t", number: 0, settings };
  const job = (until: number, from?: number): Job => ({ id: `t@${until}`, trial, until, ...(from && { from }) });

  it("measures what trainTable does", async () => {
    const { validation } = await trainTable(table, { ...settings, validation: 0.2, simd: "strict" } as never);
    const outcome = await runJob(tableTask(table), { id: "t", trial }, { signal, checkpoints: undefined });
    expect(outcome).toEqual({ measures: { loss: validation!.loss, accuracy: validation!.accuracy } });
  });

  it("has the same bits after rungs as in one go, whether or not its checkpoint is still there", async () => {
    const checkpoints = folderStore(join(folder, "rungs"));
    const task = tableTask(table);
    const whole = await runJob(task, { id: "t", trial }, { signal, checkpoints: undefined });
    for (const from of [undefined, 1, 3]) {
      const until = from === undefined ? 1 : from * 3;
      const direct = await runJob(task, job(until), {
        signal,
        checkpoints: folderStore(join(folder, `direct${until}`)),
      });
      expect(await runJob(task, job(until, from), { signal, checkpoints })).toEqual(direct);
      if (until === 9) expect(direct).toEqual(whole);
    }
    expect(await checkpoints.load("t@3")).toBeInstanceOf(Uint8Array);
    await rm(join(folder, "rungs"), { recursive: true });
    expect(await runJob(task, job(9, 3), { signal, checkpoints })).toEqual(whole);
  });

  it("goes on from its checkpoint rather than from the beginning", async () => {
    const store = new Map<string, Uint8Array>();
    const checkpoints = {
      load: async (id: string) => store.get(id),
      save: async (id: string, bytes: Uint8Array) => void store.set(id, bytes),
      drop: async () => {},
      clear: async () => {},
    };
    const task = tableTask(table);
    await runJob(task, job(3), { signal, checkpoints });
    // A checkpoint of other settings is refused, which shows that it is read.
    const other = { ...trial, settings: { ...settings, hidden: [4] } };
    const outcome = await runJob(task, { ...job(9, 3), trial: other }, { signal, checkpoints });
    expect(outcome).toMatchObject({ failed: expect.stringMatching(/hidden/) });
  });
});
