/** Grids and random points of a sweep. */
import { describe, expect, it } from "vitest";
import { checkSpace, grid, gridSize, type Range, randomPoints, type Space } from "../../src/sweep/space.js";

describe("a grid", () => {
  const space: Space = {
    lr: { from: 1e-4, to: 1, scale: "log", steps: 9 },
    optimizer: ["adamw", "lion"],
    width: { from: 1, to: 4, steps: 10, whole: true },
  };

  it("has every combination once, the last setting moving first", () => {
    expect(gridSize(space)).toBe(9 * 2 * 4);
    const points = Array.from({ length: gridSize(space) }, (_, i) => grid(space)(i));
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(72);
    expect(points.slice(0, 5).map(({ optimizer, width }) => [optimizer, width])).toEqual([
      ["adamw", 1],
      ["adamw", 2],
      ["adamw", 3],
      ["adamw", 4],
      ["lion", 1],
    ]);
    expect(Object.keys(points[0])).toEqual(["lr", "optimizer", "width"]);
  });

  it("has powers of √10 between 1e-4 and 1, both ends exact, to six digits", () => {
    const rates = Array.from({ length: 9 }, (_, i) => grid(space)(8 * i).lr);
    expect(rates).toEqual([1e-4, 3.16228e-4, 1e-3, 3.16228e-3, 0.01, 0.0316228, 0.1, 0.316228, 1]);
  });

  it("divides a linear range evenly", () => {
    const tenths = grid({ dropout: { from: 0, to: 0.5, steps: 6 } });
    expect([0, 1, 2, 3, 4, 5].map((i) => tenths(i).dropout)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });
});

describe("random points", () => {
  const space: Space = {
    lr: { from: 1e-4, to: 1, scale: "log" },
    batch: { from: 1, to: 6, whole: true },
    optimizer: ["a", "b", "c"],
  };
  const points = Array.from({ length: 6000 }, (_, i) => randomPoints(space, 1)(i));

  it("follow from seed and number alone", () => {
    const other = randomPoints(space, 1);
    expect([5999, 17].map(other)).toEqual([points[5999], points[17]]);
    expect(randomPoints(space, 2)(17)).not.toEqual(points[17]);
  });

  it("are uniform: in the logarithm, over whole numbers with both ends, over lists", () => {
    // Of 6,000 draws a share p has a standard error of √(p (1 − p) / 6000): four of them are the bound.
    const near = (share: number, p: number) =>
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 6000));
    const share = (holds: (point: Record<string, unknown>) => boolean) => points.filter(holds).length / 6000;
    for (const decade of [1e-4, 1e-3, 1e-2, 1e-1])
      near(
        share(({ lr }) => (lr as number) >= decade && (lr as number) < 10 * decade),
        1 / 4,
      );
    for (const k of [1, 2, 3, 4, 5, 6])
      near(
        share(({ batch }) => batch === k),
        1 / 6,
      );
    for (const name of ["a", "b", "c"])
      near(
        share(({ optimizer }) => optimizer === name),
        1 / 3,
      );
  });
});

it("draws from a range over all orders of magnitude", () => {
  const draw = randomPoints({ x: { from: 1e-300, to: 1e38, scale: "log" } }, 3);
  const values = Array.from({ length: 100 }, (_, i) => draw(i).x as number);
  for (const x of values) expect(x >= 1e-300 && x <= 1e38).toBe(true);
  expect(values.filter((x) => x < 1e-131).length).toBeGreaterThan(30);
});

it("stays within a range when it rounds, and tells numbers of a narrow one apart", () => {
  const drawn = (range: Range) => Array.from({ length: 500 }, (_, i) => randomPoints({ x: range }, 1)(i).x);
  const tight = drawn({ from: 0.0123456789, to: 0.01234569 }) as number[];
  expect([Math.min(...tight) >= 0.0123456789, Math.max(...tight) <= 0.01234569]).toEqual([true, true]);
  expect(new Set(drawn({ from: 1e6, to: 1e6 + 1 })).size).toBeGreaterThan(300);
});

describe("a space is refused", () => {
  const bad: [string, unknown, string][] = [
    ["without settings", {}, "space: expected at least one setting to vary, got none"],
    ["that is a list", [], "space: expected an object with a list or a range for each setting, got []"],
    ["with an empty list", { lr: [] }, "space.lr: expected at least one value, got []"],
    ["with a value twice", { lr: [1, 2, 1] }, "space.lr: expected values that differ, got [1, 2, 1]"],
    ["with a range upside down", { lr: { from: 1, to: 0.1 } }, "space.lr.to: expected a number above 1"],
    [
      "with a logarithm of 0",
      { lr: { from: 0, to: 1, scale: "log", steps: 3 } },
      "space.lr.from: expected a number > 0",
    ],
    [
      "infinite on a grid",
      { lr: { from: 0, to: 1 } },
      "space.lr.steps: expected a number of steps: a grid over a range",
    ],
    [
      "with a misspelt key",
      { lr: { form: 0, to: 1 } },
      'space.lr: expected keys among from, to, scale, steps, whole, got "form"; did you mean from?',
    ],
    ["that JSON has no word for", { n: [1, Number.NaN] }, "space.n[1]: expected a finite number, got NaN"],
    ["that JSON cannot carry", { n: [{ at: new Date(0) }] }, "space.n[0].at: expected plain JSON data, got a Date"],
    ["with too many steps", { n: { from: 0, to: 1, steps: 1e9 } }, "space.n.steps: expected at most 1000000"],
    ["with half numbers", { n: { from: 0.5, to: 2, whole: true } }, "space.n: expected whole numbers as the ends"],
    ["with a scale of its own", { n: { from: 1, to: 2, scale: "ln" } }, 'space.n.scale: expected "linear" or "log"'],
    ["with a number", { n: 3 }, "space.n: expected a list of values, or a range { from, to }, got 3"],
  ];
  it.each(bad)("%s", (_, space, message) => {
    expect(() => checkSpace(space as Space, true)).toThrow(message);
  });
});
