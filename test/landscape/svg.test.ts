/** The picture of a race: well-formed, with what it must show, and nothing of a label that could break out of it. */
import { expect, it } from "vitest";
import { contours } from "../../src/landscape/contours.js";
import { landscapes as l, landscape, type Runner, race, raceSvg } from "../../src/landscape/index.js";
import { elements } from "../support/xml.js";

const two: Runner[] = ["sgd", { optimizer: "adam", label: 'a <b> & "c"' }];
const at = { start: [-4, 2], steps: 50, rates: 0.03 };

it("is well-formed, with a path and a curve for each runner, and is the same again", async () => {
  const result = await race(l.ravine, two, at);
  const svg = raceSvg(l.ravine, result);
  expect(elements(svg).filter((name) => name === "svg")).toHaveLength(1);
  for (const i of [0, 1]) expect(svg.match(new RegExp(`class="run r${i}"`, "g"))).toHaveLength(3); // and in the legend
  expect(svg).toContain("ravine: one shared rate of 0.03");
  expect(svg).toContain('a &lt;b&gt; &amp; "c"');
  expect(svg).not.toContain("<b>");
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.length).toBeLessThan(200_000);
  expect(raceSvg(l.ravine, await race(l.ravine, two, at))).toBe(svg);
});

it("has numbers alone of runs that diverge, escape, reach the minimum exactly or stand still", async () => {
  const wild = await race(l.rosenbrock, two, { start: [-1.5, 1.5], steps: 60, rates: 1 });
  const escaped = await race(l.saddle, two, { start: [1, 1e-3], steps: 200, rates: 0.1 });
  const exact = await race(l.bowl, two, { start: [1, 1], steps: 40, rates: 0.5 });
  const still = await race(l.plateau, two, { start: [8, 0], steps: 3, rates: 0.1 });
  const cases = [[l.rosenbrock, wild], [l.saddle, escaped], [l.bowl, exact], [l.plateau, still]] as const; // biome-ignore format: one line
  for (const [surface, result] of cases) {
    const svg = raceSvg(surface, result);
    elements(svg);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|\de[+-]?\d+[ "L]/);
  }
});

it("contours lie where the surface has their height", () => {
  for (const { level, pieces } of contours(l.bowl, 6)) {
    expect(pieces.length).toBeGreaterThan(10);
    for (const [x0, y0, x1, y1] of pieces) {
      for (const [x, y] of [[x0, y0], [x1, y1]]) expect(Math.log1p(x! ** 2 + y! ** 2)).toBeCloseTo(level, 1); // biome-ignore format: one line
    }
  }
});

it("refuses what it cannot draw", async () => {
  const result = await race(l.ravine, two, at);
  const inOne = landscape("quartic", 1);
  const line = await race(inOne, ["sgd"], { start: [2], steps: 2, rates: 0.1 });
  expect(() => raceSvg(l.bowl, result)).toThrow('result: expected a race on bowl, got "ravine"');
  expect(() => raceSvg(inOne, line)).toThrow("landscape: expected one of two variables, got 1");
  expect(() => raceSvg(l.bowl, null as never)).toThrow("result: expected what race returns, got null");
  expect(() => raceSvg(undefined as never, result)).toThrow("landscape: expected a landscape");
});

it("is well-formed whatever a label has, and keeps to the columns of the legend", async () => {
  const labels = [
    "\ufffe\uffff\u0000 x",
    "\ud83d\ude00".repeat(30),
    "\u6e2c".repeat(30),
    "\ud800",
    "]]>",
    "a".repeat(99),
  ];
  const result = await race(l.ravine, labels.map((label) => ({ optimizer: "sgd", label })), at); // biome-ignore format: one line
  const svg = raceSvg(l.ravine, result);
  expect(svg).not.toMatch(/[\ufffe\uffff]|\p{Cc}(?<!\n)|\p{Cs}/u);
  expect(svg).toContain(`${"\ud83d\ude00".repeat(9)}\u2026`); // 18 columns and the mark, of 20
  expect(svg).toContain(`${"\u6e2c".repeat(9)}\u2026`);
});

it("is read on a page of 360 pixels: text is at least 8 pixels there, and nothing lies outside", async () => {
  const svg = raceSvg(l.ravine, await race(l.ravine, two, at));
  const [, width, height] = svg.match(/viewBox="0 0 (\d+) (\d+)"/)!.map(Number);
  const least = svg.match(/font-size="(\d+)"/g)!.map((each) => Number(each.match(/\d+/)![0])).reduce((a, b) => Math.min(a, b)); // biome-ignore format: one line
  expect((least * 344) / width!).toBeGreaterThan(8);
  for (const [, x, y] of svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"/g)) {
    expect(Number(x)).toBeLessThan(width!);
    expect(Number(y)).toBeLessThan(height!);
  }
});

it("explains no mark for a minimum where there is none", async () => {
  expect(raceSvg(l.ravine, await race(l.ravine, two, at))).toContain("+ minimum");
  expect(raceSvg(l.saddle, await race(l.saddle, two, { ...at, start: [1, 1] }))).not.toContain("+ minimum");
});
