/** Races: what the documents of the project measured in f64 with other code, and where they were wrong. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import {
  type LandscapeName,
  landscape,
  landscapes,
  noisyBowl,
  type Race,
  type Runner,
  race,
  rateGrid,
  regressionBowl,
} from "../../src/landscape/index.js";
import { adam } from "../../src/optim/adam.js";
import { backends } from "../support/backends.js";
import { bits } from "../support/numbers.js";

const momentum: Runner = { optimizer: "momentum", options: { momentum: 0.9 } };
const rmsprop: Runner = { optimizer: "rmsprop", options: { alpha: 0.9 } };
const FOUR: Runner[] = ["sgd", momentum, rmsprop, "adam"];
const l = landscapes;

describe("x² + 10y² from (−4, 2): steps to a loss below 1e-3", () => {
  it.each([
    [0.01, [240, 85, 428, 969]],
    [0.03, [79, 71, 157, 308]],
    [0.1, ["not reached", 78, 56, 101]],
    [0.3, ["diverged", "diverged", 19, 97]],
  ])("at %f: SGD, momentum, RMSProp, Adam", async (rates, want) => {
    const { runs, mode } = await race(l.ravine, FOUR, { start: [-4, 2], steps: 1000, rates });
    expect(mode).toBe("one shared rate");
    expect(runs.map(({ reached, outcome }) => reached ?? outcome)).toEqual(want);
  });
});

describe("x² + 10y² from (5, 5): steps until the distance stays ≤ 1e-3", () => {
  it.each([
    [0.01, [422, 166, 129, 1706]],
    [0.05, [81, 167, 81, 305]],
    [0.09, [44, 168, "diverged", 192]],
    [0.1, ["not reached", 171, "diverged", 182]],
    [0.5, ["diverged", "diverged", "diverged", 162]],
  ])("at %f: SGD, momentum, NAG, Adam", async (rates, want) => {
    const { runs } = await race(l.ravine, ["sgd", momentum, "nag", "adam"], { start: [5, 5], steps: 2000, rates });
    expect(runs.map(({ settled, outcome }) => settled ?? outcome)).toEqual(want);
  });
  it("at 0.5 AdaGrad takes 265, and RMSProp never settles: it ends in a limit cycle", async () => {
    const { runs } = await race(l.ravine, ["adagrad", rmsprop], { start: [5, 5], steps: 2000, rates: 0.5 });
    expect(runs.map(({ settled }) => settled)).toEqual([265, undefined]);
  });
  it("the notes' losses: SGD at 0.01 and Adam at 0.1, after 1 and 41 steps", async () => {
    const at = { start: [5, 5], steps: 41 };
    const [sgd] = (await race(l.ravine, ["sgd"], { ...at, rates: 0.01 })).runs;
    const [ours] = (await race(l.ravine, ["adam"], { ...at, rates: 0.1 })).runs;
    expect([sgd!.losses[1], sgd!.losses[41]]).toEqual([expect.closeTo(184.01, 2), expect.closeTo(4.7696, 4)]);
    expect([ours!.losses[1], ours!.losses[41]]).toEqual([expect.closeTo(264.11, 2), expect.closeTo(21.9048, 3)]);
  });
});

describe("gradient descent diverges above 2/λmax and not below, within 1 %", () => {
  it.each([
    ["bowl", 1],
    ["ravine", 1 / 10],
    ["ravine15", 1 / 15],
    ["booth", 1 / 9],
  ] as const)("%s", async (name, limit) => {
    const at = { start: [5, 5], steps: 1000 };
    const [below] = (await race(l[name], ["sgd"], { ...at, rates: 0.99 * limit })).runs;
    const [above] = (await race(l[name], ["sgd"], { ...at, rates: 1.01 * limit })).runs;
    expect([below!.outcome, above!.outcome]).toEqual(["reached", "diverged"]);
    expect(above!.limit).toEqual({ rate: expect.closeTo(limit, 10), formula: "2/λmax" });
    expect(above!.summary).toMatch(/^diverged at step \d+; limit 2\/λmax = [\d.]+$/);
    expect(above!.path).toHaveLength(above!.ended! + 1);
  });
  // Of the recurrences with momentum too: y alone moves, and f32 leaves nothing to chance near the limit.
  it.each([
    ["momentum", momentum, (2 * 1.9) / 20],
    ["nag", "nag", (2 * 1.9) / (20 * 2.8)],
    ["sgd with momentum", { optimizer: "sgd", options: { momentum: 0.5 } }, (2 * 1.5) / 20],
  ] as [string, Runner, number][])("and %s above its own limit", async (_, runner, limit) => {
    const at = { start: [0, 5], steps: 3000 };
    const [below] = (await race(l.ravine, [runner], { ...at, rates: 0.99 * limit })).runs;
    const [above] = (await race(l.ravine, [runner], { ...at, rates: 1.01 * limit })).runs;
    expect([below!.outcome, above!.outcome]).toEqual(["reached", "diverged"]);
    expect(above!.limit!.rate).toBeCloseTo(limit, 12);
  });
  it("names the step and the limit", async () => {
    const [run] = (await race(l.ravine15, ["sgd"], { start: [-4, 2], steps: 200, rates: 0.1 })).runs;
    expect(run!.summary).toBe("diverged at step 7; limit 2/λmax = 0.067"); // y doubles a step: 15 · 4 · 4^7 is 10⁴ times 76
  });
});

describe("the saddle", () => {
  it("nothing moves off its ridge", async () => {
    const { runs } = await race(l.saddle, [...FOUR, "nag", "adagrad"], { start: [1, 0], steps: 500, rates: 0.1 });
    for (const { path, outcome } of runs) {
      expect(path.every(([, y]) => y === 0)).toBe(true);
      expect(outcome).toBe("not reached");
    }
  });
  it.each([
    [0.01, [698, 140, 77, 1263]],
    [0.1, [76, 36, 11, 17]],
  ])("from y = 1e-6 at %f, steps to |y| > 1: SGD, momentum, Adam, AdaGrad", async (rates, want) => {
    const runners: Runner[] = ["sgd", momentum, "adam", "adagrad"];
    const { runs } = await race(l.saddle, runners, { start: [1, 1e-6], steps: 1300, rates });
    expect(runs.map(({ path }) => path.findIndex(([, y]) => Math.abs(y!) > 1))).toEqual(want);
    expect(runs[0]).toMatchObject({ outcome: "escaped", summary: expect.stringMatching(/^escaped at step \d+$/) });
  });
});

describe("other facts", () => {
  it("Rosenbrock from (−1.5, 1.5): momentum at 0.001 takes 571 steps, Adam at 0.3 581; SGD and momentum diverge from 0.01 up", async () => {
    const at = { start: [-1.5, 1.5], steps: 700 };
    expect((await race(l.rosenbrock, [momentum], { ...at, rates: 0.001 })).runs[0]!.reached).toBe(571);
    expect((await race(l.rosenbrock, ["adam"], { ...at, rates: 0.3 })).runs[0]!.reached).toBe(581);
    for (const { outcome } of (await race(l.rosenbrock, ["sgd", momentum], { ...at, rates: 0.01 })).runs)
      expect(outcome).toBe("diverged");
  });
  it("the plateau: SGD at 0.1 stays from radius 4 on, Adam crosses from 4 to 7 and not from 8", async () => {
    const from = async (radius: number) => {
      const { runs } = await race(l.plateau, ["sgd", "adam"], { start: [radius, 0], steps: 1000, rates: 0.1 });
      return runs.map(({ outcome }) => outcome);
    };
    expect(await from(3)).toEqual(["reached", "reached"]);
    for (const radius of [4, 5, 6, 7]) expect(await from(radius)).toEqual(["not reached", "reached"]);
    expect(await from(8)).toEqual(["not reached", "not reached"]);
  });
  it("x⁴ − 3x² + 2 from 2: 0.01 and 0.05 end at √1.5, 0.1 lands on the maximum and stays", async () => {
    const end = async (rates: number) =>
      (await race(landscape("quartic", 1), ["sgd"], { start: [2], steps: 100, rates })).runs[0]!;
    for (const rate of [0.01, 0.05]) expect((await end(rate)).path.at(-1)![0]).toBeCloseTo(1.224745, 5);
    const on = await end(0.1);
    expect(on.path[1]).toEqual([0]);
    expect(on.losses.at(-1)).toBe(2);
  });
});

describe("a sweep", () => {
  // The distances between neighbours are 0.05 decades.
  it("gives the decades of rate with a loss below 1e-3 after 500 steps: the widest is Adam's", async () => {
    const runners: Runner[] = ["sgd", "nag", momentum, "adagrad", "adam", rmsprop];
    const rates = rateGrid(1e-4, 100, 20);
    const { runs, mode } = await race(l.ravine, runners, { start: [5, 5], steps: 500, rates });
    expect(mode).toBe("best of a sweep");
    const [sgd, nag, heavy, adagrad, adamRun, rms] = runs.map(({ decades }) => decades!);
    for (const [got, want] of [[sgd, 1.25], [nag, 2.15], [heavy, 2.6], [rms, 0.25]]) expect(Math.abs(got! - want!)).toBeLessThan(0.11); // biome-ignore format: one line
    expect(adagrad).toBeGreaterThanOrEqual(2.5);
    expect(adamRun).toBeGreaterThanOrEqual(3.5);
    expect(Math.max(...runs.map(({ decades }) => decades!))).toBe(adamRun);
  });
  it("picks the rate with the lowest last loss, and says what each led to", async () => {
    const rates = [0.3, 0.01, 0.03, 0.09];
    const { runs } = await race(l.ravine, ["sgd"], { start: [-4, 2], steps: 60, rates });
    const [run] = runs;
    expect(run!.sweep!.map(({ lr }) => lr)).toEqual(rates);
    expect(run!.sweep![0]).toEqual({ lr: 0.3, loss: Number.POSITIVE_INFINITY });
    const least = Math.min(...run!.sweep!.map(({ loss }) => loss));
    expect(run!.sweep!.find(({ lr }) => lr === run!.lr)!.loss).toBe(least);
    expect(run!.losses.at(-1)).toBe(least);
  });
  it("rateGrid is even in logarithms", () => {
    expect(rateGrid(0.01, 1, 2)).toEqual([0.01, 0.0316228, 0.1, 0.316228, 1]);
    expect(rateGrid(0.5, 0.5, 4)).toEqual([0.5]);
    expect(rateGrid(1e-4, 10, 20)).toHaveLength(101);
  });
});

describe("the run of a race", () => {
  const bitsOf = ({ runs }: Race): unknown =>
    runs.map(({ path, losses, summary }) => [
      bits(Float64Array.from(path.flat())),
      bits(Float64Array.from(losses)),
      summary,
    ]);

  it("has the same bits again, and on every engine", async () => {
    const settings = { start: [-4, 1], steps: 50, rates: 0.01 };
    for (const name of ["canal", "mccormick", "ackley"] as LandscapeName[]) {
      const start = name === "mccormick" ? [3, -2] : settings.start;
      const own = bitsOf(await race(l[name], FOUR, { ...settings, start }));
      for (const backend of backends) {
        using engine = await backend.create();
        expect(bitsOf(await race(l[name], FOUR, { ...settings, start, engine })), backend.name).toEqual(own);
      }
    }
  });
  it("leaves nothing in an engine that it is given", async () => {
    using engine = await createEngine({ backend: "js" });
    const before = engine.bytesInUse;
    await race(l.ravine, [...FOUR, "nag"], { start: [1, 1], steps: 5, rates: [0.01, 0.1], engine });
    expect(engine.bytesInUse).toBe(before);
  });
  it("takes defaults, factories, labels and averaging optimizers", async () => {
    const runners: Runner[] = [adam, { optimizer: adam, label: "quick", options: { lr: 0.1 } }, "scheduleFreeAdamw"];
    const { runs, mode, ranking } = await race(l.bowl, runners, { start: [1, 1], steps: 100, rates: "defaults" });
    expect(mode).toBe("each library's default");
    expect(runs.map(({ label, lr }) => [label, lr])).toEqual([["adam", 0.001], ["quick", 0.1], ["scheduleFreeAdamw", 0.0025]]); // biome-ignore format: one line
    expect(ranking[0]!.label).toBe("quick");
  });
  it("every optimizer of the table runs", async () => {
    const { optimizers } = await import("../../src/optim/table.js");
    const refused = ["muon", "sophiaG", "sophiaH"];
    const at = { start: [2, 1], steps: 30, rates: "defaults" } as const;
    for (const name of refused)
      await expect(race(l.bowl, [name], at)).rejects.toThrow(
        /runners\[0\]: expected an optimizer that (takes a point|steps by)/,
      );
    const names = Object.keys(optimizers).filter((name) => !refused.includes(name));
    const { runs } = await race(l.bowl, names, at);
    expect(runs.map(({ optimizer }) => optimizer)).toEqual(names);
    for (const { losses } of runs) expect(losses.every(Number.isFinite)).toBe(true);
  });
  it("meets the noise of its seed, the same for all", async () => {
    const at = { start: [0, 0], steps: 20, rates: 0.1 };
    const noisy = noisyBowl({ sigma: 1, batch: 4, seed: 1 });
    const two: Runner[] = ["sgd", { optimizer: "sgd", label: "again" }];
    const { runs } = await race(noisy, two, { ...at, seed: 7 });
    expect(runs[0]!.path).toEqual(runs[1]!.path);
    const [other] = (await race(noisyBowl({ sigma: 1, batch: 4, seed: 7 }), ["sgd"], at)).runs;
    expect(other!.path).toEqual(runs[0]!.path);
    expect((await race(noisy, ["sgd"], at)).runs[0]!.path).not.toEqual(other!.path);
  });
  it("on data ends at the least-squares line", async () => {
    const bowl = regressionBowl([[1, 2], [2, 4], [3, 5], [4, 8]]); // biome-ignore format: one line
    const [run] = (await race(bowl, ["sgd"], { start: [-0.5, 1], steps: 2000, rates: 0.05 })).runs;
    expect(run!.path.at(-1)![1]).toBeCloseTo(1.9, 3);
  });
});

describe("bad input", () => {
  const ok = { start: [1, 1], steps: 5, rates: 0.1 };
  // biome-ignore lint/suspicious/noExplicitAny: called as no type allows
  const any: any = race;
  it.each([
    [() => any(), /^landscape: expected a landscape/],
    [() => any(l.bowl, ["sgd"]), /^options: expected an object of options, got undefined$/],
    [() => race(l.bowl, [], ok), /^runners: expected at least one optimizer, got \[\]$/],
    [
      () => race(l.bowl, ["addam"], ok),
      /^runners\[0\]: expected the name of an optimizer, got "addam"; did you mean adam\?$/,
    ],
    [
      () => race(l.bowl, [{ optimizer: 1 } as never], ok),
      /^runners\[0\].optimizer: expected an optimizer or its name, got 1$/,
    ],
    [() => race(l.bowl, ["sgd", "sgd"], ok), /^runners\[1\].label: expected a label of its own, got "sgd"$/],
    [
      () => race(l.bowl, [{ optimizer: "sgd", options: { betas: 1 } }], ok),
      /^runners\[0\].options: expected options among lr, /,
    ],
    [
      () => race(l.bowl, [{ optimizer: "sgd", options: { lr: 1 } }], ok),
      /^runners\[0\].options: expected no lr, which rates sets, got 1$/,
    ],
    [() => race(l.bowl, [{ optimizer: "sgd", options: { momentum: -1 } }], ok), /^momentum: expected /],
    [
      () => race(l.bowl, ["sgd"], { ...ok, start: [6, 0] }),
      /^start\[0\]: expected a number in the domain, from -5 to 5, got 6$/,
    ],
    [() => race(l.bowl, ["sgd"], { ...ok, start: [1] }), /^start: expected 2 finite numbers, got \[1\]$/],
    [() => race(l.bowl, ["sgd"], { ...ok, start: [Number.NaN, 0] }), /^start\[0\]: expected a finite number, got NaN$/],
    [() => race(l.bowl, ["sgd"], { ...ok, steps: 0 }), /^steps: expected a whole number ≥ 1, got 0$/],
    [() => race(l.bowl, ["sgd"], { ...ok, rates: -1 }), /^rates: expected a finite number > 0, got -1$/],
    [() => race(l.bowl, ["sgd"], { ...ok, rates: [] }), /^rates: expected at least one rate, got \[\]$/],
    [() => race(l.bowl, ["sgd"], { ...ok, rates: [0.1, 0] }), /^rates\[1\]: expected a finite number > 0, got 0$/],
    [
      () => race(l.bowl, ["sgd"], { ...ok, rates: "best" as never }),
      /^rates: expected a rate, "defaults" or an array of rates, got "best"$/,
    ],
    [() => race(l.bowl, ["sgd"], { ...ok, seed: 0.5 }), /^seed: expected a whole number, got 0.5$/],
    [
      () => race(l.bowl, ["sgd"], { ...ok, stepz: 1 } as never),
      /^options: expected options among start, .*got "stepz"$/,
    ],
  ])("%s", async (call, message) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
    expect((error as Error).message).toMatch(message);
  });
});

it("gives the event loop its turns: a long race holds up no page", async () => {
  const engine = await createEngine({ simd: "strict" });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const began = performance.now();
  await race(l.rosenbrock, ["adam", "sgd"], { start: [-1, 1], steps: 400, rates: rateGrid(1e-4, 1e-2, 100), engine });
  const took = performance.now() - began;
  clearInterval(timer);
  engine.dispose();
  expect(took).toBeGreaterThan(60); // 402 runs, some 160,000 steps
  expect(ticks).toBeGreaterThan(0);
});
