/** What races, rates and points of many variables make of input that is odd. */
import { describe, expect, it } from "vitest";
import * as t from "../../src/index.js";
import {
  classify,
  criticalPoints,
  landscapes as l,
  landscape,
  type Runner,
  race,
  raceSvg,
  rateGrid,
} from "../../src/landscape/index.js";

const at = { start: [1, 1], steps: 3, rates: 0.1 };

describe("a race", () => {
  it("says that no engine is none", async () => {
    await expect(race(l.bowl, ["sgd"], { ...at, engine: 3 as never })).rejects.toThrow(
      new TypeError("engine: expected an engine, as createEngine() returns it, got 3"),
    );
  });

  it("takes a misspelt word for rates as a wrong value, not a wrong type", async () => {
    await expect(race(l.bowl, ["sgd"], { ...at, rates: "default" as never })).rejects.toThrow(
      new RangeError('rates: expected a rate, "defaults" or an array of rates, got "default"'),
    );
  });

  it.each<[Runner, string]>([
    ["kfac", "runners[0]: expected an optimizer that takes a point, got kfac, which takes a model"],
    [t.kfac as never, "runners[0]: expected an optimizer that takes a point, got kfac, which takes a model"],
    [{ optimizer: "kfac" }, "runners[0].optimizer: expected an optimizer that takes a point, got kfac"],
    ["muon", 'runners[0]: expected an optimizer that takes a point, not matrices alone, got "muon"'],
    ["sophiaG", "runners[0]: expected an optimizer that steps by gradients alone, without updateHessian"],
  ])("tells %s what it takes", async (runner, message) => {
    await expect(race(l.bowl, [runner], at)).rejects.toThrow(message);
  });

  it("on a surface without a lowest point says of one that stays that it has not escaped", async () => {
    const [run] = (await race(l.saddle, ["sgd"], { start: [1, 0], steps: 5, rates: 0.1 })).runs;
    expect(run).toMatchObject({ outcome: "not reached", summary: "not escaped" });
  });
});

it("rateGrid refuses more rates than a sweep could run, and does not make them first", () => {
  const message = "perDecade: expected one that makes at most 100000 rates, got 1000000000";
  expect(() => rateGrid(0.1, 1, 1e9)).toThrow(new RangeError(message));
  expect(rateGrid(0.1, 1, 99_999)).toHaveLength(100_000);
});

describe("classify", () => {
  it("refuses options that it does not have", () => {
    const message = 'options: expected options among tolerance, got "tol"';
    expect(() => classify(l.bowl, [0, 0], { tol: 1 } as never)).toThrow(new RangeError(message));
    expect(() => classify(l.bowl, [0, 0], null as never)).toThrow("options: expected an object of options, got null");
  });

  it("takes seconds, not minutes, in hundreds of variables, and says the same as in few", () => {
    const start = performance.now();
    for (const [name, x, kind] of [
      ["bowl", 0, "minimum"],
      ["quartic", 0, "saddle"],
      ["rastrigin", 0, "minimum"],
    ] as const)
      expect(classify(landscape(name, 300), new Array(300).fill(x)).kind).toBe(kind);
    // 600 Hessians each were 14 s on an idle machine.
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

it("criticalPoints says that it takes one or two variables", () => {
  const message = "landscape: expected a surface of one or two variables, which are searched, got one of 3";
  expect(() => criticalPoints(landscape("bowl", 3))).toThrow(new RangeError(message));
});

describe("another domain", () => {
  const within = (name: "ackley" | "bowl", ...domain: [number, number][]) => ({ ...l[name], domain });

  it("is searched, raced in and drawn: ackley from -5 to 5", async () => {
    const near = within("ackley", [-5, 5], [-5, 5]);
    const counts: Record<string, number> = {};
    for (const { kind } of criticalPoints(near)) counts[kind] = (counts[kind] ?? 0) + 1;
    // A cusp in place of the middle one of 11 × 11 minima, as many between them as on Rastrigin's surface.
    expect(counts).toEqual({ cusp: 1, minimum: 120, saddle: 220, maximum: 100 });
    const options = { start: [4, 4], steps: 5, rates: 0.1 };
    expect(raceSvg(near, await race(near, ["adam"], options))).toMatch(/>−4<\/text>/);
    await expect(race(near, ["adam"], { ...options, start: [6, 0] })).rejects.toThrow(
      /^start\[0\]: expected a number in/,
    );
  });

  it.each([
    [
      [
        [1, -1],
        [0, 1],
      ],
      "landscape.domain[0]: expected an interval [from, to] of finite numbers, got [1, -1]",
    ],
    [
      [
        [0, 1],
        [-Infinity, 1],
      ],
      "landscape.domain[1]: expected an interval [from, to] of finite numbers, got [-Infinity, 1]",
    ],
    [[[0, 1]], "landscape.domain: expected 2 intervals [from, to], got 1"],
  ])("%j is refused", (domain, message) => {
    expect(() => criticalPoints({ ...l.bowl, domain: domain as never })).toThrow(new RangeError(message));
  });
});
