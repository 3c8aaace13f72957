import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type FamilyTreesOutcome,
  familyTreesExperiment,
  familyTreesRun,
} from "../../src/experiments/familyTrees/experiment.js";
import { familyTreesNetwork, INPUTS, personUnits } from "../../src/experiments/familyTrees/network.js";
import { PEOPLE } from "../../src/experiments/familyTrees/people.js";
import { familyTreesPicture } from "../../src/experiments/familyTrees/picture.js";
import { probe, TRAIT_NAMES, varianceBetween } from "../../src/experiments/familyTrees/probes.js";
import { SETTINGS } from "../../src/experiments/familyTrees/settings.js";
import { backends, shared } from "../support/backends.js";

describe.each(backends)("the network on $name", (backend) => {
  const engine = shared(backend);

  it("is 24 → 6 and 12 → 6, 12 → 12 → 6 → 24", () => {
    using model = familyTreesNetwork(engine(), SETTINGS.paper, 1);
    expect(model.parameters().map(({ shape }) => [...shape])).toEqual([
      [24, 6],
      [6],
      [12, 6],
      [6],
      [12, 12],
      [12],
      [12, 6],
      [6],
      [6, 24],
      [24],
    ]);
    for (const { data } of model.parameters()) for (const w of data) expect(Math.abs(w)).toBeLessThanOrEqual(1);
  });

  it("has person units that depend on the person alone: σ(w + b)", () => {
    using model = familyTreesNetwork(engine(), SETTINGS.paper, 3);
    const [w, b] = model.parameters();
    for (const [p, activities] of personUnits(model).entries())
      for (const [u, y] of activities.entries())
        expect(y).toBeCloseTo(1 / (1 + Math.exp(-(w.data[6 * p + u] + b.data[u]))), 5);
    using x = engine().tensor([1, INPUTS]);
    expect(model.forward(x).shape).toEqual([1, 24]); // and works on as before
  });
});

// Of 100 seeds (docs/family-trees.md) the paper's rule has all 100 learnt right in 100, and 62 % of the questions held out;
// today's choices in 100, and 69 %. Four seeds ask 16 questions: fewer than 4 of them right has a chance below 1 in 500.
describe.each(["paper", "today"] as const)("%s", (settings) => {
  it("learns all 100 questions, answers some of those it has not seen, and encodes nationality", async () => {
    using engine = await backends[1].create();
    const outcomes = [1, 2, 3, 4].map((seed) => familyTreesExperiment(engine, { settings, seed }));
    for (const { curve, heldOut, seconds, sweeps } of outcomes) {
      expect(curve.at(-1)).toMatchObject({ sweep: sweeps, right: 100 });
      expect(heldOut).toHaveLength(4);
      expect(curve.at(-1)!.heldOutRight).toBe(heldOut.filter(({ right }) => right).length);
      expect(seconds).toBeLessThan(20);
    }
    const right = outcomes.flatMap(({ heldOut }) => heldOut).filter((answer) => answer.right);
    expect(right.length).toBeGreaterThanOrEqual(4);
    for (const { answers, given } of right) expect(given.map(({ name }) => name).sort()).toEqual([...answers].sort());
    expect(outcomes.filter(({ probes }) => probes.nationality.separated).length).toBe(4); // of 100 seeds: 100
    expect(outcomes.filter(({ probes }) => probes.nationality.untrained.separated).length).toBeLessThan(2); // 1 of 100
    expect(outcomes.filter(({ probes }) => probes.generation.separated).length).toBeGreaterThanOrEqual(2); // 91 or more
    expect(engine.bytesInUse).toBe(0);
  });
});

it("the printed settings learn nothing in 1,500 sweeps", async () => {
  using engine = await backends[1].create();
  for (const seed of [1, 2]) {
    const { curve, sweeps, heldOut } = familyTreesExperiment(engine, { settings: "printed", seed });
    expect(sweeps).toBe(1500);
    expect(curve.at(-1)!.right).toBeLessThan(20); // 6 % of the questions on average of 100 seeds
    expect(heldOut.filter(({ right }) => right)).toEqual([]);
  }
});

describe.each(Object.keys(SETTINGS) as (keyof typeof SETTINGS)[])("a run with settings %s", (settings) => {
  const options = { settings, seed: 5, sweeps: 60 };

  it("ends with the same bits on js and strict wasm", async () => {
    const outcomes: FamilyTreesOutcome[] = [];
    for (const { exact, create } of backends) {
      if (!exact) continue;
      using engine = await create();
      outcomes.push(familyTreesExperiment(engine, options));
    }
    const [{ seconds: _, ...js }, { seconds: __, ...wasm }] = outcomes;
    expect(wasm).toEqual(js);
  });

  it("reports its error for the start and each sweep, reduces it, and holds out what it does not learn", async () => {
    using engine = await backends[1].create();
    const { errors, curve, heldOut } = familyTreesExperiment(engine, { ...options, questions: 70 });
    expect(errors).toHaveLength(61);
    expect(errors.at(-1)).toBeLessThan(errors[0]);
    expect(curve[0].sweep).toBe(0);
    expect(curve.at(-1)!.sweep).toBe(60);
    expect(heldOut).toHaveLength(34);
    expect(new Set(heldOut.map(({ person, relationship }) => `${person} ${relationship}`)).size).toBe(34);
    expect(engine.bytesInUse).toBe(0);
  });

  it("frees its memory when it is given up", async () => {
    using engine = await backends[1].create();
    const run = familyTreesRun(engine, options);
    run.next();
    expect(engine.bytesInUse).toBeGreaterThan(0);
    run.return(undefined as never);
    expect(engine.bytesInUse).toBe(0);
  });
});

/** The rule as the paper writes it, in f64: Δw(t) = -ε ∂E/∂w + α Δw(t - 1), and weights that shrink at each change. */
it.each(["printed", "paper"] as const)(
  "%s moves by the paper's rule: rate, momentum and decay, before and after sweep 20",
  async (settings) => {
    using engine = await backends[0].create();
    const [times, decay] = settings === "printed" ? [1, 0.002] : [10, 0.001];
    using theta = engine.tensor(1, [0.7]);
    using optimizer = SETTINGS[settings].optimizer([theta], 1500);
    let [w, change] = [0.7, 0];
    for (let sweep = 0; sweep < 40; sweep++) {
      const grad = Math.sin(sweep);
      theta.grad[0] = grad;
      optimizer.step();
      change = -times * (sweep < 20 ? 0.005 : 0.01) * grad + (sweep < 20 ? 0.5 : 0.9) * change;
      w = (1 - decay) * w + change;
      expect(theta.data[0]).toBeCloseTo(w, 5);
    }
  },
);

it("outputs beyond 0.8 and 0.2 cause no error, and others the distance to these", async () => {
  using engine = await backends[0].create();
  using output = engine.tensor([1, 4], [0.9, 0.5, 0.1, 0.6]);
  using target = engine.tensor([1, 4]);
  const { value, grad } = SETTINGS.paper.error(output, target, Float32Array.of(0.5, 0.5, 0, 0));
  expect(value).toBeCloseTo((0.3 ** 2 + 0.4 ** 2) / 2, 6);
  expect([...grad.data].map((x) => Number(x.toFixed(5)))).toEqual([0, -0.3, 0, 0.4]);
});

describe("a linear probe", () => {
  const noise = (i: number) => Math.sin(12.9898 * (i + 1)) % 1;

  it.each(TRAIT_NAMES)(
    "reads %s from units that encode it, with the middle class between the others or not",
    async (trait) => {
      using engine = await backends[1].create();
      // One unit with all generations on a line: a regression of one class against the rest would miss the middle one.
      const classes = [...new Set(PEOPLE.map((person) => person[trait]))];
      const units = PEOPLE.map((person, i) => [
        classes.indexOf(person[trait]) + 0.05 * noise(i),
        ...[1, 2, 3, 4, 5].map((u) => noise(31 * i + u)),
      ]);
      expect(probe(engine, units, trait)).toEqual({ separated: true, right: 24 });
      expect(
        varianceBetween(
          units.map(([first]) => first),
          trait,
        ),
      ).toBeGreaterThan(0.95);
    },
  );

  it("reads nothing from units that are the same for everyone", async () => {
    using engine = await backends[1].create();
    for (const trait of TRAIT_NAMES) {
      const { separated, right } = probe(
        engine,
        PEOPLE.map(() => [1, 1, 1, 1, 1, 1]),
        trait,
      );
      expect(separated).toBe(false);
      expect(right).toBeLessThanOrEqual(12);
      expect(varianceBetween(Array(24).fill(1), trait)).toBe(0);
    }
  });
});

describe("refusals", () => {
  const refused: [object, string][] = [
    [{ settings: "papers" }, 'settings: expected "printed" or "paper" or "today", got "papers"'],
    [{ seed: 1.5 }, "seed: expected a whole number, got 1.5"],
    [{ questions: 0 }, "questions: expected a whole number ≥ 1, got 0"],
    [{ questions: 101 }, "questions: expected a whole number from 1 to 100, got 101"],
    [{ sweeps: 0.5 }, "sweeps: expected a whole number ≥ 1, got 0.5"],
  ];
  it.each(refused)("%o", async (wrong, message) => {
    using engine = await backends[0].create();
    const options = { settings: "paper", seed: 1, ...wrong } as Parameters<typeof familyTreesExperiment>[1];
    expect(() => familyTreesExperiment(engine, options)).toThrow(new RangeError(message));
    expect(engine.bytesInUse).toBe(0);
  });
});

it("is drawn as an SVG that names everyone once, with six squares each", async () => {
  using engine = await backends[1].create();
  const outcomes = (["paper", "today"] as const).map((settings) =>
    familyTreesExperiment(engine, { settings, seed: 2, sweeps: 20 }),
  );
  const svg = familyTreesPicture(outcomes);
  for (const { name } of PEOPLE) expect(svg.split(`>${name}</text>`)).toHaveLength(3);
  expect(svg.match(/<rect /g)).toHaveLength(1 + 2 * (24 * 6 + 2)); // and the paper, and the legends
  expect(svg.match(/<polyline /g)).toHaveLength(2 * 2);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(svg).toContain("prefers-color-scheme: dark");
});

it("is drawn in docs/ as it is: seed 1 by the paper's rule", async () => {
  using engine = await backends[1].create();
  const picture = familyTreesPicture([familyTreesExperiment(engine, { settings: "paper", seed: 1 })]);
  expect(readFileSync(new URL("../../docs/family-trees.svg", import.meta.url), "utf8")).toBe(picture);
});
