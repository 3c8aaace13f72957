/** Contrast of the colours, by the formula of WCAG 2.2: 4.5 to 1 for text, 3 to 1 for lines, on all that lies below them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DARK, LIGHT } from "../../src/site/arena/draw/palette.js";

type Rgb = readonly [number, number, number];
const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;
const luminance = (colour: Rgb): number => {
  const [r, g, b] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: Rgb, b: Rgb): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("%s", (name, { paper, ink, quiet, series, floor, height, casing }) => {
  const grounds = [rgb(paper), floor, height];
  it("trails and markers stand out from paper and terrain; what is written in their colour too", () => {
    for (const colour of [...series, ink]) {
      for (const ground of grounds) expect(contrast(rgb(colour), ground), colour).toBeGreaterThanOrEqual(3);
      expect(contrast(rgb(colour), rgb(paper)), colour).toBeGreaterThanOrEqual(4.5);
    }
  });
  it("words can be read on paper, and around their casing on terrain", () => {
    for (const ground of [paper, casing]) expect(contrast(rgb(quiet), rgb(ground))).toBeGreaterThanOrEqual(4.5);
    for (const ground of grounds) expect(contrast(rgb(quiet), ground)).toBeGreaterThanOrEqual(4);
  });
  it("the sheet of styles has the same colours", () => {
    const css = readFileSync(new URL("../../src/site/arena/styles/base.css", import.meta.url), "utf8");
    const block = css.match(name === "light" ? /:root \{([^}]*)\}/ : /data-theme="dark"\] \{([^}]*)\}/)![1];
    const variable = (of: string): string => block.match(new RegExp(`--${of}: (#\\w+)`))![1];
    expect([variable("paper"), variable("ink"), variable("quiet"), variable("rule")]).toEqual([
      paper,
      ink,
      quiet,
      (name === "light" ? LIGHT : DARK).rule,
    ]);
    expect(series.map((_, i) => variable(`s${i}`))).toEqual(series);
    for (const of of ["link", "wrong", "right"])
      expect(contrast(rgb(variable(of)), rgb(paper)), of).toBeGreaterThanOrEqual(4.5);
    expect(contrast(rgb(variable("edge")), rgb(paper))).toBeGreaterThanOrEqual(3);
    for (const of of ["quiet", "ink", "link"])
      expect(contrast(rgb(variable(of)), rgb(variable("wash"))), of).toBeGreaterThanOrEqual(4.5);
  });
});
