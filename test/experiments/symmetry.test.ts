import { describe, expect, it } from "vitest";
import { symmetryExperiment as experiment, symmetryPatterns } from "../../src/experiments/symmetry.js";
import { backends } from "../support/backends.js";

const SETTINGS = { lr: 0.05, momentum: 0.9, sweeps: 2000 };

describe("the 64 patterns of 1986", () => {
  const { x, y } = symmetryPatterns();

  it("are all the strings of 6 bits, each once", () => {
    expect(new Set(x.map((bits) => bits.join(""))).size).toBe(64);
    expect(x.every((bits) => bits.length === 6 && bits.every((bit) => bit === 0 || bit === 1))).toBe(true);
  });

  it("have target 1 for the 8 that read the same backwards", () => {
    const symmetric = x.filter((_, i) => y[i][0] === 1).map((bits) => bits.join(""));
    expect(symmetric.sort()).toEqual(
      ["000000", "001100", "010010", "011110", "100001", "101101", "110011", "111111"].sort(),
    );
  });
});

describe.each(backends)("the symmetry experiment on $name", ({ create }) => {
  it("is solved by at least 18 of 20 seeds within 2,000 sweeps, weights mirrored within 1 %", async () => {
    using engine = await create();
    const outcomes = Array.from({ length: 20 }, (_, i) => experiment(engine, { seed: i + 1, ...SETTINGS }));
    const solved = outcomes.filter(({ right, sweeps, mirrorError, solved }) => {
      expect(solved).toBe(right === 64 && mirrorError <= 0.01);
      expect(sweeps).toBeLessThanOrEqual(2000);
      return solved;
    });
    expect(solved.length).toBeGreaterThanOrEqual(18);
    for (const { units } of solved) {
      // Checks the definition on the weights: opposite sign and equal size about the middle.
      const largest = Math.max(...units.flatMap(({ weights }) => weights.map(Math.abs)));
      for (const { weights: w } of units) {
        for (let i = 0; i < 3; i++) {
          expect(Math.abs(w[i] + w[5 - i]) / largest).toBeLessThanOrEqual(0.01);
          expect(Math.sign(w[i])).toBe(-Math.sign(w[5 - i]));
        }
      }
    }
    expect(engine.bytesInUse).toBe(0);
  });

  it("reports its loss for the start and each sweep, and reduces it", async () => {
    using engine = await create();
    const { losses, sweeps } = experiment(engine, { seed: 1, ...SETTINGS });
    expect(losses).toHaveLength(sweeps + 1);
    expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
  });

  it("stops unsolved after the last sweep", async () => {
    using engine = await create();
    expect(experiment(engine, { seed: 1, ...SETTINGS, sweeps: 10 })).toMatchObject({ solved: false, sweeps: 10 });
  });
});

it("ends with the same bits on js and strict wasm", async () => {
  const outcomes = [];
  for (const { exact, create } of backends) {
    if (!exact) continue;
    using engine = await create();
    outcomes.push([1, 2, 3, 4, 5].map((seed) => experiment(engine, { seed, ...SETTINGS })));
  }
  const [js, wasm] = outcomes;
  expect(wasm.map(({ parameters }) => parameters)).toEqual(js.map(({ parameters }) => parameters));
  expect(wasm.map(({ losses }) => losses)).toEqual(js.map(({ losses }) => losses));
});
