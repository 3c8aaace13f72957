/** Successive halving: the brackets of the papers, and the same jobs in whichever order they end. */
import { describe, expect, it } from "vitest";
import { random } from "../../src/math/random.js";
import { Halving, hyperbandBrackets, rungsBetween } from "../../src/sweep/halving.js";
import type { Job } from "../../src/sweep/trial.js";

const trial = (number: number) => ({ id: `t${number}`, number, settings: {} });
const lossOf = (outcome: unknown) => (outcome as { measures?: { loss: number } }).measures?.loss;

/** A loss that depends on the trial and falls with the resource; every seventh trial fails. */
function outcomeOf({ trial: { number }, until = 1 }: Job) {
  const hash = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return number % 7 === 3 ? { failed: "it" } : { measures: { loss: hash / 2 ** 32 + 1 / until } };
}

/** Runs all jobs, so many at a time, ending in random order; returns them as they were decided. */
function jobsOf(search: Halving, slots: number, seed: number): string[] {
  const draw = random(seed);
  const running: Job[] = [];
  const decided: string[] = [];
  for (;;) {
    const job = running.length < slots ? search.next() : "wait";
    if (job === undefined && running.length === 0) return decided;
    if (job !== undefined && job !== "wait") {
      decided.push(job.id);
      running.push(job);
    } else {
      const [ended] = running.splice(Math.floor(draw.uniform() * running.length), 1);
      search.record(ended, outcomeOf(ended));
    }
  }
}

const asha = (parallel: number, trials = 81) =>
  new Halving({ brackets: [{ trials, rungs: rungsBetween(1, 81, 3) }], eta: 3, parallel, trial, valueOf: lossOf });

describe("asynchronous successive halving", () => {
  it("decides on the same jobs for any number of slots and any order of their ends", () => {
    const reference = jobsOf(asha(8), 1, 0);
    expect(reference.length).toBeGreaterThan(110);
    for (let seed = 1; seed <= 30; seed++) expect(jobsOf(asha(8), 1 + (seed % 9), seed)).toEqual(reference);
  });

  it("takes the steps of algorithm 2 of Li et al. 2020 with one job at a time", () => {
    // The algorithm read literally: at each step all rungs from the top, and sorted anew.
    const rungs = [1, 3, 9, 27, 81];
    const done: { number: number; loss: number }[][] = rungs.map(() => []);
    const gone: Set<number>[] = rungs.map(() => new Set());
    const expected: string[] = [];
    let begun = 0;
    for (;;) {
      let found: [number: number, rung: number] | undefined;
      for (let k = rungs.length - 2; k >= 0 && found === undefined; k--) {
        const top = [...done[k]]
          .sort((a, b) => a.loss - b.loss || a.number - b.number)
          .slice(0, Math.floor(done[k].length / 3));
        const promotable = top.find(({ number, loss }) => !gone[k].has(number) && loss < Number.POSITIVE_INFINITY);
        if (promotable) {
          gone[k].add(promotable.number);
          found = [promotable.number, k + 1];
        }
      }
      if (found === undefined && begun < 81) found = [begun++, 0];
      if (found === undefined) break;
      const [number, rung] = found;
      const job = { id: `t${number}@${rungs[rung]}`, trial: trial(number), until: rungs[rung] };
      expected.push(job.id);
      done[rung].push({ number, loss: lossOf(outcomeOf(job)) ?? Number.POSITIVE_INFINITY });
    }
    expect(jobsOf(asha(1), 1, 0)).toEqual(expected);
  });

  it("begins every trial, promotes none that failed, and at least a third of a rung", () => {
    const jobs = jobsOf(asha(8), 4, 1);
    const at = (until: number) =>
      jobs.filter((id) => id.endsWith(`@${until}`)).map((id) => Number(id.slice(1, id.indexOf("@"))));
    expect([...at(1)].sort((a, b) => a - b)).toEqual(Array.from({ length: 81 }, (_, i) => i));
    expect(at(3).length).toBeGreaterThanOrEqual(27);
    expect(at(81).length).toBeGreaterThanOrEqual(1);
    for (const number of at(3)) expect(number % 7).not.toBe(3);
    expect(new Set(jobs).size).toBe(jobs.length);
  });
});

describe("Hyperband", () => {
  it("has the brackets of table 1 of Li et al. 2018, for R = 81 and η = 3", () => {
    expect(hyperbandBrackets(81, 3).map(({ trials, rungs }) => [trials, rungs])).toEqual([
      [81, [1, 3, 9, 27, 81]],
      [34, [3, 9, 27, 81]],
      [15, [9, 27, 81]],
      [8, [27, 81]],
      [5, [81]],
    ]);
  });

  it("decides on the same jobs in any order, each trial in one bracket", () => {
    const make = () => new Halving({ brackets: hyperbandBrackets(27, 3), eta: 3, parallel: 6, trial, valueOf: lossOf });
    const reference = jobsOf(make(), 1, 0);
    for (let seed = 1; seed <= 10; seed++) expect(jobsOf(make(), 6, seed)).toEqual(reference);
    const firsts = new Set(reference.map((id) => id.split("@")[0]));
    expect(firsts.size).toBe(27 + 12 + 6 + 4);
  });
});
