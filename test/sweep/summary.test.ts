/** The best of a sweep, kept as rows come, against all of them sorted. */
import { expect, it } from "vitest";
import { random } from "../../src/math/random.js";
import type { SweepPlan } from "../../src/sweep/plan.js";
import { Summary } from "../../src/sweep/summary.js";
import type { SweepRow } from "../../src/sweep/sweep.js";

it("is that of all rows, each trial where it got furthest", () => {
  const plan: SweepPlan = {
    ...{ version: 1, task: { module: "m" }, space: { x: [1, 2] }, goal: "max", measure: "score" },
    search: { kind: "asha", trials: 200, max: 9 },
  };
  const draw = random(2);
  const rows = [1, 3, 9].flatMap((until, rung) =>
    Array.from({ length: 200 / 3 ** rung }, (_, i): SweepRow => {
      const trial = Math.floor(i * 3 ** rung);
      const measures = i % 11 === 5 ? { other: 1 } : { score: Math.floor(draw.uniform() * 20) };
      return { id: `t${trial}`, trial, settings: {}, until, ...(i % 7 === 3 ? { failed: "so" } : { measures }) };
    }),
  );
  const summary = new Summary(plan, 10);
  for (const row of rows) summary.add(row);
  const measured = rows.filter(({ measures }) => measures);
  const furthest = measured.filter(({ id, until }) => !measured.some((row) => row.id === id && row.until! > until!));
  const value = ({ measures }: SweepRow) => measures!.score ?? Number.NEGATIVE_INFINITY;
  const sorted = furthest.sort(
    (a, b) => b.until! - a.until! || (value(a) === value(b) ? 0 : value(b) - value(a)) || a.trial - b.trial,
  );
  expect(summary.top).toEqual(sorted.slice(0, 10));
  expect([summary.count, summary.failed]).toEqual([rows.length, rows.length - measured.length]);
  expect([...summary.measures].sort()).toEqual(["other", "score"]);
});
