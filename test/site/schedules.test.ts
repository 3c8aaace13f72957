/** The schedules of the station: the code that it offers makes what it draws. */
import { expect, it } from "vitest";
import * as schedules from "../../src/schedule/index.js";
import { codeOf, KINDS, made } from "../../src/site/arena/stations/schedules/kinds.js";

it("has every schedule of the library but those that put others together", () => {
  const composing = ["join", "overRun", "points", "product", "warmup"];
  expect([...KINDS.map(({ name }) => name), ...composing].sort()).toEqual(Object.keys(schedules).sort());
});

it.each(KINDS.map((kind) => [kind.name, kind] as const))("%s: code and curve agree", (name, kind) => {
  for (const run of [
    { peak: 0.01, steps: 300, to: 0 },
    { peak: 0.5, steps: 77, to: 0.001 },
  ]) {
    const drawn = made(kind, run);
    const written = new Function("schedules", `return ${codeOf(kind, run)};`)(schedules) as schedules.PlateauSchedule;
    if (name === "reduceOnPlateau") expect(written(0)).toBe(drawn(0));
    else for (let step = 0; step <= run.steps; step++) expect(written(step)).toBe(drawn(step));
    if (kind.ends && name !== "cosineRestarts") expect(drawn(run.steps)).toBeCloseTo(run.to, 12); // it starts anew there
  }
});
