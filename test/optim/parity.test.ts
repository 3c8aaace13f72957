/**
 * Parity: every backend computes the bits of the js twin, for every row of THE TABLE with every option set, over 128
 * steps (66 where they are clipped) with special values, odd sizes, memory that grows between steps, and every kind of
 * parameter.
 *
 * Relaxed wasm must have the same bits too: it fuses only in matrix products, and no update kernel multiplies matrices. Rules
 * that do have products in their steps (MULTIPLY) are held to their golden files there.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backends } from "../support/backends.js";
import { firstDifference } from "../support/numbers.js";
import { rows, setsOf, table } from "../support/options.js";
import { type Run, reached, run, STEPS } from "../support/parity.js";

const others = backends.filter(({ name }) => name !== "js");
/** Rules whose steps have matrix products: relaxed SIMD fuses there, so only strict backends have the bits of the twin. */
const MULTIPLY = ["muon", "shampoo", "soap"];
const js = backends.find(({ name }) => name === "js")!;

it("has backends to compare with js", () => {
  expect(others.map(({ name }) => name)).toContain("wasm strict");
});

describe.each(table)("%s", (_, factory) => {
  it("has an option set for each of its kernels", async () => {
    const found = new Set<string>();
    for (const hyper of setsOf(factory.rule)) for (const kernel of await reached(js, factory, hyper)) found.add(kernel);
    expect([...found].sort()).toEqual(Object.keys(factory.rule.kernels).sort());
  });
});

describe.each(rows)("$title", ({ name, factory, hyper }) => {
  const compared = MULTIPLY.includes(name) ? others.filter(({ exact }) => exact) : others;
  let want: Run;
  let wantClipped: Run;
  beforeAll(async () => {
    want = await run(js, factory, hyper, { clip: false });
    wantClipped = await run(js, factory, hyper, { clip: true });
  });
  // They are 3 MB, and vitest keeps what a row's tests refer to until all rows are done.
  afterAll(() => {
    want = wantClipped = { steps: [], slots: [], scalars: [] };
  });

  it("moves the parameters, so that there is something to compare", () => {
    expect(want.steps).toHaveLength(STEPS.wild);
    expect(wantClipped.steps).toHaveLength(STEPS.clipped);
    // The silent phase of RAdam is its first steps, four with a β₂ of 0.9 or more: only what is not finite moves there.
    const still = (hyper.silentSgdPhase ?? factory.rule.hyper.silentSgdPhase) === true ? 3 : 0;
    for (const { steps } of [want, wantClipped]) {
      const moved = steps.filter((values, i) => i > 0 && firstDifference([values], [steps[i - 1]]) !== undefined);
      // YellowFin's rate goes with 1 / ‖g‖², which in a wild run is 0 in f32 from the sixth move on.
      if (factory.rule.name === "yellowfin" && steps === want.steps) expect(moved.length).toBeGreaterThanOrEqual(5);
      else expect(moved).toHaveLength(steps.length - 1 - (steps === wantClipped.steps ? still : 0));
    }
    // Clipping is by one norm for all: values that are not finite would make it, and then everything, NaN.
    expect(wantClipped.steps.at(-1).every(Number.isFinite)).toBe(true);
  });

  it.each(compared)("is the same on $name, special values among parameters and gradients", async (backend) => {
    const got = await run(backend, factory, hyper, { clip: false });
    expect(firstDifference(got.steps, want.steps)).toBeUndefined();
    expect(firstDifference(got.slots, want.slots)).toBeUndefined();
    expect(got.scalars).toEqual(want.scalars);
  });

  it.each(compared)("is the same on $name, clipped by the global norm", async (backend) => {
    const got = await run(backend, factory, hyper, { clip: true });
    expect(firstDifference(got.steps, wantClipped.steps)).toBeUndefined();
    expect(firstDifference(got.slots, wantClipped.slots)).toBeUndefined();
    expect(got.scalars).toEqual(wantClipped.scalars);
  });
});
