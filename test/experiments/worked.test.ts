/** The worked examples that `thalweg explain` shows: complete, the same bits on every strict backend, and by the formula. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { ADVICE } from "../../src/experiments/worked/advice.js";
import { SCENES, sceneOf } from "../../src/experiments/worked/scenes.js";
import { derivedOf, INNER, symbolOf } from "../../src/experiments/worked/symbols.js";
import { TABLES } from "../../src/experiments/worked/tables.js";
import { walk } from "../../src/experiments/worked/walk.js";
import { landscapes } from "../../src/landscape/index.js";
import { optimizers } from "../../src/optim/table.js";
import * as schedules from "../../src/schedule/index.js";
import { backends } from "../support/backends.js";

const names = Object.keys(optimizers);

describe("advice", () => {
  const advised = Object.keys(ADVICE);

  it("is there for every optimizer, and for those that are made from a model", () => {
    expect(advised.sort()).toEqual([...names, "kfac", "muonWith"].sort());
  });

  it.each(Object.entries(ADVICE))(
    "on %s is one sentence to three, and points to others that there are",
    (name, advice) => {
      const { use, related } = advice;
      expect(use).toMatch(/[.]$/);
      expect(use.split(/[.] /).length).toBeLessThanOrEqual(3);
      expect(use.length).toBeLessThanOrEqual(180);
      expect(related.length).toBeGreaterThan(0);
      expect(new Set(related).size).toBe(related.length);
      expect(related).not.toContain(name);
      for (const other of related) expect(advised).toContain(other);
    },
  );
});

it("names optimizers, schedules and surfaces that there are", () => {
  for (const own of [SCENES, INNER]) for (const name of Object.keys(own)) expect(names).toContain(name);
  const topics = [...names, ...Object.keys(schedules), ...Object.keys(landscapes), "backpropagation", "kfac"];
  for (const { topics: of } of TABLES) for (const topic of of) expect(topics).toContain(topic);
});

describe.each(names)("%s", (name) => {
  it("leaves the same bits in every buffer on js and on wasm, and numbers in all", async () => {
    const walks = [];
    for (const backend of backends.filter(({ exact }) => exact)) {
      using engine = await backend.create();
      walks.push(walk(engine, name));
    }
    const [first, ...others] = walks;
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(other).toEqual(first);
    const { steps, shape } = first;
    expect(steps.length).toBeGreaterThanOrEqual(3);
    for (const step of steps) {
      expect(step.parameters).toHaveLength(shape.reduce((a, b) => a * b, 1));
      for (const values of [step.parameters, step.gradient, ...Object.values(step.slots)])
        for (const value of values) expect(Number.isFinite(value)).toBe(true);
    }
    expect(steps.at(-1)!.parameters).not.toEqual(first.start);
  });

  it("shows what a program has in opt.state, and symbols of its formula", async () => {
    using engine = await createEngine({ simd: "strict" });
    const { hyper, steps } = walk(engine, name);
    const { rule } = optimizers[name as keyof typeof optimizers] as unknown as {
      rule: { slots(h: object, s: readonly number[]): object; doubles?(h: object, s: readonly number[]): object };
    };
    const { shape } = sceneOf(name);
    const slots = Object.keys({ ...rule.slots(hyper, shape), ...rule.doubles?.(hyper, shape) });
    expect(Object.keys(steps[0].slots).sort()).toEqual(slots.sort());
    const symbols = slots.map((slot) => symbolOf(name, slot)).filter(Boolean);
    if (name !== "lbfgs") expect(new Set(symbols).size).toBe(symbols.length);
    for (const { of } of derivedOf(name))
      for (const step of steps) expect(Number.isFinite(of(step, { ...walk(engine, name) }))).toBe(true);
  });
});

/** Adam in f64: algorithm 1 of Kingma & Ba 2015. */
function adamInF64(gradients: readonly number[], start: number, lr: number, [b1, b2]: readonly [number, number]) {
  let [theta, m, v] = [start, 0, 0];
  return gradients.map((g, i) => {
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    theta -= (lr * (m / (1 - b1 ** (i + 1)))) / (Math.sqrt(v / (1 - b2 ** (i + 1))) + 1e-8);
    return { theta, m, v };
  });
}

it("takes other gradients, starts, steps and hyperparameters", async () => {
  using engine = await createEngine({ simd: "strict" });
  const hyper = { lr: 0.01, betas: [0.8, 0.95] };
  const { steps } = walk(engine, "adam", { gradients: [[0.1], [-0.3]], start: [2], steps: 5, hyper });
  const wanted = adamInF64([0.1, -0.3, 0.1, -0.3, 0.1], 2, 0.01, [0.8, 0.95]);
  expect(steps).toHaveLength(5);
  for (const [i, { theta, m, v }] of wanted.entries()) {
    expect(steps[i].parameters[0]).toBeCloseTo(theta, 6);
    expect(steps[i].slots.expAvg[0]).toBeCloseTo(m, 7);
    expect(steps[i].slots.expAvgSq[0]).toBeCloseTo(v, 8);
  }
});

it("refuses gradients and starts of another size, and gradients for an optimizer that evaluates a function", async () => {
  using engine = await createEngine({ simd: "strict" });
  expect(() => walk(engine, "adam", { gradients: [[1, 2]] })).toThrow("gradients: expected one number, got [1, 2]");
  expect(() => walk(engine, "lamb", { start: [1] })).toThrow("start: expected 2 numbers, got [1]");
  expect(() => walk(engine, "lbfgs", { gradients: [[1, 2]] })).toThrow("gradients: expected none for lbfgs");
  expect(() => walk(engine, "adam", { hyper: { lr: -1 } })).toThrow("lr: expected a finite number ≥ 0, got -1");
});
