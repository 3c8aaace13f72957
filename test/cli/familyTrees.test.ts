import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { familyTrees } from "../../src/cli/familyTrees.js";
import { width } from "../../src/cli/terminal.js";
import { PEOPLE } from "../../src/experiments/familyTrees/people.js";
import { called, calledJson, inFolder, started } from "../support/command.js";

describe("thalweg family-trees", () => {
  it("sets the settings side by side, with held-out answers and a Hinton diagram of the paper's rule", async () => {
    const { stdout, stderr, error } = await called(familyTrees, "--sweeps 300");
    expect([error, stderr]).toEqual([undefined, ""]);
    expect(stdout).toMatch(/^ +printed +paper +today$/m);
    expect(stdout).toMatch(/^learnt, right +\d+\/100 +\d+\/100 +\d+\/100$/m);
    expect(stdout).toMatch(/^held out, right +[0-4]\/4 +[0-4]\/4 +[0-4]\/4$/m);
    expect(
      stdout.match(/^\S+'s (husband|wife|son|daughter|father|mother|brother|sister|nephew|niece|uncle|aunt)s? /gm),
    ).toHaveLength(4);
    expect(stdout).toContain("six person units, paper");
    // Each person once, with six symbols.
    for (const { name } of PEOPLE)
      expect(stdout.match(new RegExp(`\\b${name} +[●•·◦○]( [●•·◦○]){5}`, "g")), name).toHaveLength(1);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u); // no escape sequences
    for (const line of stdout.split("\n")) expect(width(line), line).toBeLessThanOrEqual(80);
  });

  it("shows one of them in full, with the strength of its answers", async () => {
    const { stdout } = await called(familyTrees, "--settings Today --sweeps 200 --questions 90");
    expect(stdout).toContain("Cross-entropy after each of 200 sweeps");
    expect(stdout).toMatch(/^Held out, right +\d+\/14$/m);
    expect(stdout.match(/ (right|wrong) +[A-Z]\w+ [01]\.\d\d/g)).toHaveLength(8);
    expect(stdout).toContain("… and 6 more, which --json has");
  });

  it("counts seeds, and what of the held-out questions is right in how many runs", async () => {
    const { stdout } = await called(familyTrees, "--seeds 3 --settings paper --sweeps 150");
    expect(stdout.match(/^ +[123] +\d+ [0-4]\/4 [N·][G·][B·]$/gm)).toHaveLength(3);
    const counts = [...stdout.matchAll(/^runs with \d of 4 right +(\d+)$/gm)].map(([, count]) => Number(count));
    expect(counts).toHaveLength(5);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  });

  it("prints one object with --json: the same figures for the same seed", async () => {
    const { people, runs } = await calledJson(familyTrees, "--seed 7 --sweeps 40");
    expect(people).toEqual(PEOPLE.map(({ name }) => name));
    expect(runs.map(({ settings }: { settings: string }) => settings)).toEqual(["printed", "paper", "today"]);
    for (const run of runs) {
      expect(run).toMatchObject({ seed: 7, sweeps: 40, questions: 100 });
      expect(run.parametersSha256).toMatch(/^[0-9a-f]{64}$/);
      expect(run.heldOut).toHaveLength(4);
      expect(run.people.weights).toHaveLength(24);
      expect(run.units).toHaveLength(6);
      expect(Object.keys(run.probes)).toEqual(["nationality", "generation", "branch"]);
    }
    const hashes = (runs: { parametersSha256: string }[]) => runs.map(({ parametersSha256 }) => parametersSha256);
    const { runs: again } = await calledJson(familyTrees, "--seed 7 --sweeps 40");
    expect(hashes(again)).toEqual(hashes(runs));
    const { runs: other } = await calledJson(familyTrees, "--seed 8 --sweeps 40");
    expect(hashes(other)).not.toEqual(hashes(runs));
  });

  it("writes a picture", async () => {
    const { stdout } = await called(familyTrees, "--settings paper --sweeps 20 --svg family.svg");
    expect(stdout).toMatch(/^family\.svg: \d+ kB$/m);
    expect(readFileSync(inFolder("family.svg"), "utf8")).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [\s\S]*<\/svg>\n$/,
    );
  });

  it("is interrupted between sweeps", async () => {
    // The heading has six lines or more; a seed's line comes after it.
    const { status, stderr } = await started("family-trees --seeds 1000", (child) => child.kill("SIGINT"), 14);
    expect(status).toBe(130);
    expect(stderr).toBe("thalweg family-trees: interrupted\n");
  });
});
