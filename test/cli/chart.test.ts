/** The curve in the terminal: values below 0 are on it. */
import { expect, it } from "vitest";
import { lossCurve } from "../../src/cli/chart.js";

const drawn = (losses: number[]): string => lossCurve({ losses }, 0, { title: "", xLabel: "step" }).join("\n");

it("draws values below 0, alone and with others above", () => {
  const below = drawn([-1, -0.75, -0.5, -0.25]);
  expect(below).toMatch(/^ *-1┤/m);
  expect(below).toMatch(/^ *0┤/m);
  expect(below).not.toMatch(/^ *0\.\d┤/m);
  expect(below.match(/[━┓┛┏┗]/g)!.length).toBeGreaterThan(20);
  const across = drawn([2, 1, 0, -1, -2]);
  for (const tick of ["-2", "-1", "0", "1", "2"]) expect(across).toMatch(new RegExp(`^ *${tick}┤`, "m"));
});

it.each([
  [
    [0.9, 0.1],
    ["0", "0.2", "0.4", "0.6", "0.8", "1"],
  ],
  [
    [4.1, 1],
    ["0", "1", "2", "3", "4", "5"],
  ],
  [
    [0, 0],
    ["0", "1"],
  ],
])("has round numbers from 0 for %j", (losses, ticks) => {
  const found = [...drawn(losses).matchAll(/^ *(\S+)┤/gm)].map(([, tick]) => tick);
  expect(found.reverse()).toEqual(ticks);
});
