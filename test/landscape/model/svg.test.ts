/** Pictures of slices: well-formed, with numbers alone, what must be seen, and nothing of a title that could break out. */
import { expect, it } from "vitest";
import { type LossSlice, type LossSurface, lossSliceSvg, lossSurfaceSvg } from "../../../src/landscape/index.js";
import { elements } from "../../support/xml.js";

const any = (value: unknown) => value as never;
const axis = (points: number) => Array.from({ length: points }, (_, i) => (2 * i) / (points - 1) - 1);
const surfaceOf = (f: (a: number, b: number) => number, points = 21): LossSurface => {
  const [alphas, betas] = [axis(points), axis(points)];
  const losses = betas.map((b) => alphas.map((a) => f(a, b)));
  return { alphas, betas, losses, center: f(0, 0), directions: "given directions" };
};
const sliceOf = (f: (a: number) => number, points = 21): LossSlice => {
  const alphas = axis(points);
  return { alphas, losses: alphas.map(f), center: f(0), direction: "given direction" };
};
const NUMBERS_ALONE = /NaN|Infinity|undefined|\de[+-]?\d+[ "LHVZ]/;
const TITLE = 'a <b> & "c"';

const surfaces: [string, LossSurface][] = [
  ["a bowl", surfaceOf((a, b) => 0.1 + a * a + 10 * b * b)],
  ["a bowl down to 0", surfaceOf((a, b) => a * a + b * b)],
  ["negative losses", surfaceOf((a, b) => a - b)],
  ["the same everywhere", surfaceOf(() => 2)],
  ["zeros", surfaceOf(() => 0)],
  ["two points an axis", surfaceOf((a, b) => 3 + a + b, 2)],
  ["many orders of magnitude", surfaceOf((a) => 10 ** (30 * a))],
  ["partly not finite", surfaceOf((a, b) => (a > 0.5 ? Number.NaN : b > 0.5 ? Number.POSITIVE_INFINITY : 1 + a * a))],
  ["nowhere finite", surfaceOf(() => Number.NaN)],
];

it.each(surfaces)("a surface: %s", (name, surface) => {
  const svg = lossSurfaceSvg(surface, { title: TITLE, caption: "<u>", path: [[-0.9, 0.9], [3, 4], [0, 0]] }); // biome-ignore format: one line
  expect(elements(svg).filter((element) => element === "svg")).toHaveLength(1);
  expect(svg.replaceAll(/<text[^>]*>[^<]*<\/text>|<title>.*<\/title>/g, "")).not.toMatch(NUMBERS_ALONE);
  expect(svg).toContain('a &lt;b&gt; &amp; "c"');
  expect(svg).not.toMatch(/<b>|<u>/);
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg.includes("not finite")).toBe(name.includes("finite"));
  expect(svg.length).toBeLessThan(100_000);
  expect(lossSurfaceSvg(surface, { title: TITLE, caption: "<u>", path: [[-0.9, 0.9], [3, 4], [0, 0]] })).toBe(svg); // biome-ignore format: one line
});

it("a band covers where the loss is as high as its level, and the line is its edge", () => {
  const svg = lossSurfaceSvg(surfaceOf((a, b) => Math.exp(a * a + b * b), 41));
  // Heights are a² + b² from 0 to 2 in 12 bands: the k-th begins at radius √(k/6). The middle is (235, 235), 175 to an edge.
  for (const k of [1, 3, 5]) {
    const radius = 175 * Math.sqrt(k / 6);
    const band = svg.match(new RegExp(`<path class="b${k}" d="([^"]*)"/>\\n<path class="line" d="([^"]*)"/>`))!;
    const points = (d: string) => [...d.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => Math.hypot(Number(x) - 235, Number(y) - 235)); // biome-ignore format: one line
    expect(Math.min(...points(band[1]!))).toBeGreaterThan(radius - 1);
    expect(points(band[1]!).length).toBeGreaterThan(100);
    for (const distance of points(band[2]!)) expect(Math.abs(distance - radius)).toBeLessThan(1);
  }
});

it("numbers beside axes fit into their margin", () => {
  const small = surfaceOf((a, b) => 3e-5 + a * a + b * b);
  const tiny = { ...small, alphas: small.alphas.map((a) => a * 1e-4), betas: small.betas.map((b) => b * 1e7) };
  for (const svg of [
    lossSurfaceSvg(tiny),
    lossSliceSvg(sliceOf((a) => a * 1e-7)),
    lossSliceSvg(sliceOf((a) => a * 1e9)),
  ]) {
    const ends = [...svg.matchAll(/text-anchor="end">([^<]*)</g)].map(([, words]) => words!);
    expect(ends.length).toBeGreaterThan(3);
    for (const words of ends) expect(words.length, words).toBeLessThan(8);
  }
  expect(lossSurfaceSvg(tiny)).toContain(">−5e−5<");
  expect(lossSurfaceSvg(tiny)).toContain(">−5e6<");
});

const slices: [string, LossSlice][] = [
  ["a bowl", sliceOf((a) => 0.5 + a * a)],
  ["over decades", sliceOf((a) => Math.exp(10 * a))],
  ["over many decades", sliceOf((a) => 10 ** (30 * a))],
  ["the same everywhere", sliceOf(() => 2)],
  ["zeros", sliceOf(() => 0)],
  ["negative", sliceOf((a) => a - 3)],
  ["partly not finite", sliceOf((a) => (Math.abs(a) > 0.5 ? Number.NaN : a))],
  ["nowhere finite", sliceOf(() => Number.POSITIVE_INFINITY, 2)],
];

it.each(slices)("a slice: %s", (name, slice) => {
  const svg = lossSliceSvg([slice, sliceOf((a) => 1 + a)], { title: TITLE, labels: ["<i>", "x".repeat(99)] });
  elements(svg);
  expect(svg.replaceAll(/<text[^>]*>[^<]*<\/text>|<title>.*<\/title>/g, "")).not.toMatch(NUMBERS_ALONE);
  expect(svg).not.toContain("<i>");
  expect(svg.includes("not finite")).toBe(name.includes("finite"));
  const marks = svg.match(/l6 6m-6 0l6 -6/g) ?? [];
  expect(marks).toHaveLength(slice.losses.filter((loss) => !Number.isFinite(loss)).length);
  elements(lossSliceSvg(slice));
});

it("refuses what it cannot draw", () => {
  const [surface, slice] = [surfaces[0][1], slices[0][1]];
  const refused: [() => unknown, string][] = [
    [() => lossSurfaceSvg(any(null)), "surface: expected what lossSurface returns, got null"],
    [() => lossSurfaceSvg(any(slice)), "surface: expected what lossSurface returns"],
    [() => lossSurfaceSvg({ ...surface, losses: [[1]] }), "surface.losses: expected 21 rows of 21 losses, got [[1]]"],
    [() => lossSurfaceSvg(surface, { title: any(3) }), "title: expected a string, got 3"],
    [() => lossSurfaceSvg(surface, { caption: any(null) }), "caption: expected a string, got null"],
    [() => lossSurfaceSvg(surface, any({ paths: [] })), "lossSurfaceSvg: expected options among title, caption, path"],
    [() => lossSurfaceSvg(surface, { path: any([[1, Number.NaN]]) }), "path: expected an array of points [alpha, beta], finite numbers"],
    [() => lossSliceSvg([]), "slices: expected at least one, got []"],
    [() => lossSliceSvg(any(surface)), "slices: expected what lossSlice returns, or an array of them"],
    [() => lossSliceSvg({ ...slice, losses: [1] }), "slices: expected a loss for each of two or more alphas, got [1]"],
    [() => lossSliceSvg(any([1])), "slices: expected what lossSlice returns, or an array of them, got 1"],
    [() => lossSliceSvg(slice, { labels: [] }), "labels: expected 1, one for each slice, got []"],
    [() => lossSliceSvg(slice, { labels: any("x") }), 'labels: expected an array of strings, got "x"'],
  ]; // biome-ignore format: a line each
  for (const [call, message] of refused) expect(call, message).toThrow(message);
});

it("keeps long titles and labels inside, and is well-formed whatever they have", () => {
  const long = `\ufffe${"\u6e2c".repeat(60)}`;
  for (const svg of [
    lossSliceSvg(slices[0]![1], { title: long, labels: [long] }),
    lossSurfaceSvg(surfaces[0]![1], { title: long }),
  ]) {
    expect(svg).not.toMatch(/\ufffe/);
    const shown = [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, words]) => words!);
    expect(shown.filter((words) => words.length > 26)).toEqual([]);
    expect(shown.some((words) => words.endsWith("\u2026"))).toBe(true);
    elements(svg);
  }
});
