/**
 * Gradients from 0 to the ends of f32, for 100 steps of every optimizer with its defaults, on every backend: parameters stay
 * finite. Exempt are rules that add up gradients of the largest f32, which overflows by the formula itself, and those that
 * multiply by an estimate which such a gradient makes as large.
 */
import { expect, it } from "vitest";
import { backends } from "../support/backends.js";
import { type AnyOptimizer, table } from "../support/options.js";

type Gradients = (t: number) => readonly number[];
const SIZES = [0, 1e-45, 1e-42, 1e-30, 1e-25, 1e-19, 1, 1e19, 1e25, 1e30, 3e38];
const gradients: Record<string, Gradients> = {
  ...Object.fromEntries(SIZES.map((x): [string, Gradients] => [`${x}`, () => [x, -x, x, x / 2]])),
  "2e19 beside 0": () => [2e19, 1e19, 1, 0],
  "1e30 to 1e-30": () => [1e30, 1, 1e-30, 0],
  "3e38 to 1e-42": () => [3e38, -1e25, 1e-42, 1e-19],
  ...Object.fromEntries(
    [1e19, 1e25, 1e30, 3e38].map((x): [string, Gradients] => [
      `a spike of ${x}`,
      (t) => (t === 50 ? [x, -x, 1, 1] : [1, -1, 1, 0.5]),
    ]),
  ),
};

const sums = ["3e+38", "3e38 to 1e-42"];
const OVERFLOWS: Readonly<Record<string, readonly string[]>> = {
  aggmo: [...sums, "a spike of 3e+38"],
  dadaptAdam: ["a spike of 1e+25"],
  dadaptSgd: ["a spike of 3e+38"],
  demonSgd: sums,
  madgrad: sums,
  momentum: sums,
  nag: sums,
  qhm: sums,
  scheduleFreeSgd: sums,
  sgdp: sums,
};

it.each(backends)("$name: parameters stay finite, but where the formula itself overflows", async (backend) => {
  using engine = await backend.create();
  const found: Record<string, string[]> = {};
  for (const [name, factory] of table) {
    for (const [title, at] of Object.entries(gradients)) {
      using p = engine.tensor(4, [1, -2, 0.5, 3]);
      const opt = factory([p], {}) as AnyOptimizer;
      for (let t = 1; t <= 100; t++) {
        const closure = () => {
          p.grad.set(at(t));
          return 1;
        };
        if (opt.needsClosure) opt.step(closure);
        else {
          closure();
          opt.step();
        }
      }
      if (!p.data.every(Number.isFinite)) (found[name] ??= []).push(title);
      opt.dispose();
    }
  }
  expect(found).toEqual(OVERFLOWS);
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
