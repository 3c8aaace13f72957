/** The arena in Firefox: every station without an error, and numbers that are those of the library in this Node, bit for bit. */
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { raceSurface } from "../../src/cli/race.js";
import { drawSchedule } from "../../src/cli/schedule.js";
import type { Race } from "../../src/landscape/index.js";
import { parseTable, trainTable } from "../../src/tabular/index.js";
import { type Stop, type Toured, toured, type Visited } from "../support/arenaTour.js";
import { calledJson } from "../support/command.js";
import { digits } from "../support/digits.js";

const STATIONS = readdirSync(new URL("../../src/site/arena/stations/", import.meta.url))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3));
/** Those that work when they are asked to, and what shows that they did. */
const ASKED: Record<string, Stop> = {
  train: { hash: "train?v=1&epochs=2&hidden=8", press: "Train", until: '.scores[data-done="yes"]', rows: true },
  throughput: {
    hash: "throughput?v=1&simd=strict&threads=auto",
    press: "Measure, some six seconds",
    until: "[data-reason]",
    rows: false,
  },
};

let tour: Toured;
beforeAll(async () => {
  tour = await toured(STATIONS.map((id) => ASKED[id] ?? { hash: id, rows: true }));
});
const at = (id: string): Visited => tour.found.find(({ hash }) => hash.split("?")[0] === id)!;
const cells = (id: string): string[][] => at(id).rows.map((line) => line.split(","));

describe.each(STATIONS)("%s", (id) => {
  it("opens without an error, and shows no stray word", () => {
    expect(at(id).errors).toEqual([]);
    expect(at(id).page).not.toMatch(/\bNaN\b|\bundefined\b|\[object/);
    expect(at(id).page.length).toBeGreaterThan(500);
  });
});

it("runs on wasm, with threads where they are asked for", () => {
  expect(tour.version).toMatch(/^Firefox \d+/);
  expect(tour.isolated).toBe(true);
  expect(at("race").foot).toContain("on wasm: strict SIMD");
  expect(at("throughput").stage).toMatch(/Runs on wasm, \d+ threads: .*strict SIMD/);
});

it("a race walks the points that the command prints", async () => {
  const { runs } = (await calledJson(
    raceSurface,
    at("race").command.replace("npx thalweg race ", ""),
  )) as unknown as Race;
  expect(runs.length).toBeGreaterThan(3);
  for (const { label, path, losses } of runs)
    expect(
      cells("race")
        .filter(([name]) => name === label)
        .map((row) => row.slice(3).map(Number)),
      label,
    ).toEqual(path.map((point, step) => [...point, losses[step]]));
});

it("a schedule has the values of the command", async () => {
  const { points } = (await calledJson(drawSchedule, at("schedules").command.match(/"(.*)"/)![1])) as {
    points: [number, number][];
  };
  const values = new Map(cells("schedules").map(([step, value]) => [Number(step), Number(value)]));
  const shared = points.filter(([step]) => values.has(step));
  expect(shared.length).toBeGreaterThan(100);
  for (const [step, value] of shared) expect(values.get(step)).toBe(value);
});

it("a network that is trained in its worker has the losses of trainTable()", async () => {
  const losses: number[][] = [];
  const { model } = await trainTable(parseTable(readFileSync(digits("test.csv")), "digits.csv"), {
    ...({ target: "64", hidden: [8], optimizer: "adamw", schedule: "cosine", batch: 32, seed: 1 } as const),
    ...{ epochs: 2, validation: 0.2, simd: "strict" },
    onEpoch: ({ epoch, loss, validation }) =>
      void losses.push([epoch + 1, loss, validation!.loss, validation!.accuracy!]),
  });
  model.dispose();
  expect(cells("train").map((row) => row.map(Number))).toEqual(losses);
});
