/** `thalweg race`: the ranking, its figures, the picture, and what it refuses. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/cli/args.js";
import { raceCommand, raceSurface } from "../../src/cli/race.js";
import { called, calledJson, inFolder } from "../support/command.js";

describe("thalweg race", () => {
  it("ranks by the step that reached the minimum, and says who diverged and why", async () => {
    const { stdout, error } = await called(raceSurface, "ravine --lr 0.09");
    expect(error).toBeUndefined();
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("ravine: f = x² + 10y², from (-4, 2), 200 steps. Rates: one shared rate, 0.09.");
    const rows = lines.filter((line) => /^\w+ +0\.09/.test(line));
    expect(rows.map((line) => line.split(" ")[0])).toEqual(["sgd", "momentum", "adam", "nag"]);
    for (const row of rows.slice(0, 3)) expect(row).toMatch(/ [▁▂▃▄▅▆▇█]{16} {2}reached at step \d+$/);
    expect(stdout).toMatch(/diverged at step 9; limit 2\(1 \+\s+β\)\/\(λmax\(1 \+ 2β\)\) = 0\.068/);
  });

  it("names which of the three ways is fair", async () => {
    const modes = {
      "": "each library's default",
      "--lr 0.1": "one shared rate",
      "--sweep lr --steps 20": "best of a sweep",
    };
    for (const [words, mode] of Object.entries(modes)) {
      expect((await calledJson(raceSurface, `bowl --optimizers sgd,adam ${words}`)).mode).toBe(mode);
      expect((await called(raceSurface, `bowl --optimizers sgd,adam ${words}`)).stdout.replaceAll("\n", " ")).toContain(
        mode,
      );
    }
  });

  it("shows the range of rates of a sweep", async () => {
    const { stdout } = await called(raceSurface, "ravine --sweep lr --steps 500 --start 5,5 --optimizers sgd,adam");
    expect(stdout).toMatch(/^sgd .* 1\.25 {2}reached/m);
    expect(stdout).toMatch(/^adam .* 3\.60 {2}reached/m);
  });

  it("takes names in any spelling, a start and a seed, and prints JSON", async () => {
    const result = await calledJson(
      raceSurface,
      "Noisy-Bowl --optimizers SGD --lr 0.1 --seed 3 --start -1,0.5 --steps 7",
    );
    expect(result).toMatchObject({ landscape: "noisyBowl", start: [-1, 0.5], steps: 7 });
    expect(result.runs[0].path).toHaveLength(8);
    const other = await calledJson(
      raceSurface,
      "noisyBowl --optimizers sgd --lr 0.1 --seed 4 --start -1,0.5 --steps 7",
    );
    expect(other.runs[0].path).not.toEqual(result.runs[0].path);
  });

  it("says whom it takes by default, and where from", () => {
    const help = raceCommand().helpInformation().replace(/\s+/g, " ");
    expect(help).toContain("(default: sgd,momentum,nag,adam)");
    expect(help).toContain("(default: a tenth of the way along x, seven tenths along y)");
  });

  it("explains what escaped means on a surface without a lowest point, and counts one step as one", async () => {
    const { stdout } = await called(raceSurface, "saddle --start 1,0 --lr 0.1 --steps 1");
    expect(stdout).toContain("from (1, 0), 1 step. ");
    expect(stdout).toMatch(/^sgd .* not escaped$/m);
    expect(stdout).toContain("Escaped: out of the domain; the surface has no lowest point.");
  });

  it("writes a picture", async () => {
    const { stdout } = await called(raceSurface, "saddle --start 1,0.001 --lr 0.1 --svg race.svg");
    expect(stdout).toContain("race.svg: the picture");
    expect(readFileSync(inFolder("race.svg"), "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  it.each([
    ["", "expected a surface, as in: thalweg race ravine, got none"],
    ["ravin", 'expected a surface, got "ravin"; did you mean ravine?'],
    ["bowl ravine", 'expected one surface, got "ravine" as well'],
    ["bowl --lr 0", "--lr: expected a number > 0, got 0"],
    ["bowl --lr 1 --sweep lr", "expected --lr or --sweep, got both"],
    ["bowl --sweep momentum", '--sweep: expected lr, got "momentum"'],
    ["bowl --optimizers muon", "--optimizers: expected an optimizer that takes a point, not matrices alone, got"],
    ["bowl --steps 0", "--steps: expected a whole number ≥ 1, got 0"],
    ["bowl --start 9,9", "--start: expected a number in the domain, from -5 to 5, got 9"],
    ["bowl --start 1", "--start: expected 2 finite numbers, got [1]"],
    ["bowl --start 1,b", '--start: expected a finite number, got "b"'],
    ["bowl --optimizers addam", '--optimizers: expected an optimizer, got "addam"; did you mean adam?'],
    ["bowl --optimizers sgd,sgd", "--optimizers: expected each optimizer once, got sgd twice"],
  ])("%s is refused", async (words, message) => {
    const { stdout, error } = await called(raceSurface, words);
    expect(stdout).toBe("");
    expect(error).toBeInstanceOf(UsageError);
    expect(error!.message).toContain(message);
  });
});
