/**
 * Gradients from 0 to the ends of f32, for 100 steps of every optimizer with its defaults, on every backend, beside an
 * evaluation of its formula in f64 and in f32 that shares nothing with the library.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { extremesTable } from "../../bench/extremesPage.js";
import { backends } from "../support/backends.js";
import { type AnyOptimizer, driven, table } from "../support/options.js";
import { gradients, verdicts } from "../support/straight/comparison.js";
import { straight } from "../support/straight/index.js";

it("has a formula for every optimizer that gradients alone drive", () => {
  expect(Object.keys(straight).sort()).toEqual(driven.map(([name]) => name).sort());
});

/**
 * A gradient that never changes has numbers of 0 off the diagonal of its eigenbasis. What is there is rounding error, for
 * 1e19 1e3 in f64 and 1e12 in f32, and at 1 still above ε in f32: Adam divides it by its own size, and takes a step of lr in a
 * direction by chance. Products of relaxed SIMD have other errors than the formula, at every size.
 */
const byRounding = (one: string, exact: boolean): boolean => (exact ? one === "soap: 1e19" : one.startsWith("soap: "));

it.each(backends)(
  "$name: where the formula is finite in f32, parameters are finite and near it; docs/extremes.md says what they are",
  async (backend) => {
    using engine = await backend.create();
    const found = verdicts(engine);
    const worse = Object.entries(found).flatMap(([name, row]) =>
      Object.entries(row).flatMap(([title, verdict]) => (verdict === "worse" ? [`${name}: ${title}`] : [])),
    );
    expect(worse.filter((one) => !byRounding(one, backend.exact))).toEqual([]);
    // Products of relaxed SIMD may differ by a rounding, and the table by a sign.
    if (!backend.exact) return;
    const page = readFileSync(new URL("../../docs/extremes.md", import.meta.url), "utf8");
    expect(page.match(/<!-- extremes -->\n([\s\S]*?)\n<!-- end -->/)?.[1]).toBe(extremesTable(found));
  },
);

/** With every gradient of 1e19, which `onNonFinite` lets pass, the estimate d grows at each step, without an end. */
const ESCAPES = ["dadaptAdam: 1e19"];
const guarded = table.filter(([, { rule }]) => rule.closure !== "required");

it.each(backends)("$name: no gradient makes a parameter infinite under `onNonFinite: skip`", async (backend) => {
  using engine = await backend.create();
  const found: string[] = [];
  for (const [name, factory] of guarded) {
    for (const [title, at] of Object.entries(gradients)) {
      using p = engine.tensor([2, 2], [1, -2, 0, 3]);
      const opt = factory([p], { onNonFinite: "skip" }) as AnyOptimizer;
      for (let t = 1; t <= 100; t++) {
        p.grad.set(at(t));
        opt.step();
      }
      const large = Array.from({ length: 100 }, (_, t) => Math.hypot(...at(t + 1)) >= 2 ** 64).filter(Boolean).length;
      expect([name, title, opt.skippedSteps]).toEqual([name, title, large]);
      if (!p.data.every(Number.isFinite)) found.push(`${name}: ${title}`);
      opt.dispose();
    }
  }
  expect(found).toEqual(ESCAPES);
});

it.each(backends)("$name: `onNonFinite: throw` refuses a gradient whose squares overflow", async (backend) => {
  using engine = await backend.create();
  for (const [, factory] of guarded) {
    using p = engine.tensor(2, [1, -2]);
    const opt = factory([p], { onNonFinite: "throw" }) as AnyOptimizer;
    p.grad.set([3e38, 0]);
    expect(() => opt.step()).toThrow(
      /^groups\[0\]\.params\[0\]\.grad: expected a norm below 2\^64, beyond which its squares overflow, got 3\.0000000054977558e\+38$/,
    );
    expect([...p.data, opt.stepCount]).toEqual([1, -2, 0]);
    // Scaled or clipped, it is not large.
    opt.step(undefined, { gradScale: 2 ** -126 });
    opt.step(undefined, { clipNorm: 1 });
    expect(opt.stepCount).toBe(2);
    expect(() => opt.step(undefined, { gradScale: 2 ** -60, clipNorm: 1e30 })).toThrow("got 260208521873375360000");
    p.grad.set([1e10, 0]);
    expect(() => opt.step(undefined, { gradScale: -1e10 })).toThrow("got 100000000000000000000");
    opt.dispose();
  }
});

it.each(backends)("$name: RAdam's first steps are momentum alone, whatever the second moment is", async (backend) => {
  using engine = await backend.create();
  const [, radam] = table.find(([name]) => name === "radam")!;
  using p = engine.tensor(1, [1]);
  const opt = radam([p], { lr: 1e-26 }) as AnyOptimizer;
  p.grad.set([1e25]);
  opt.step();
  // m / (1 - β₁) is g at the first step: θ = 1 - 1e-26 · 1e25.
  expect(Math.abs(p.data[0] - 0.9)).toBeLessThan(1e-6);
  opt.dispose();
});

it.each(backends)(
  "$name: QHAdam stands still where the second moment overflows, as its authors' does",
  async (backend) => {
    using engine = await backend.create();
    const [, qhadam] = table.find(([name]) => name === "qhadam")!;
    using p = engine.tensor(4, [1, -2, 0.5, 3]);
    const opt = qhadam([p], {}) as AnyOptimizer;
    p.grad.set([2e19, 1e19, 1, 0]);
    opt.step();
    expect(p.data[0]).toBe(1);
    expect(p.data[3]).toBe(3);
    expect(p.data.every(Number.isFinite)).toBe(true);
    opt.dispose();
  },
);
