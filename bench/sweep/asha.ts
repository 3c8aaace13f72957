/** Successive halving beside the whole of every trial: what it finds, and after how many epochs. */
import type { SweepRow } from "../../src/sweep/sweep.js";
import { digitsPlan, run, writeDigits, writePlan } from "./scene.js";

const TRIALS = 81;
const EPOCHS = 27;

export async function benchAsha(print: (line: string) => void): Promise<void> {
  writeDigits();
  print(
    "\n| seed | best of all, % | ASHA's, % | points less | epochs of all | ASHA's | share |\n| - | - | - | - | - | - | - |",
  );
  for (const seed of [0, 1, 2]) {
    const better = { measure: "accuracy", goal: "max", seed };
    // Random points follow from seed and number: both searches have the same 81.
    writePlan("all.json", digitsPlan(EPOCHS, { kind: "random", trials: TRIALS }, better));
    writePlan("asha.json", digitsPlan(EPOCHS, { kind: "asha", trials: TRIALS, max: EPOCHS }, better));
    const found = async (plan: string) => {
      const { rows, best } = JSON.parse((await run("sweep", plan, "--json", "--workers", "2")).stdout);
      return { rows: rows as SweepRow[], accuracy: 100 * best.measures.accuracy };
    };
    const all = await found("all.json");
    const asha = await found("asha.json");
    const epochs = epochsOf(asha.rows);
    const share = epochs / (TRIALS * EPOCHS);
    print(
      `| ${seed} | ${all.accuracy.toFixed(2)} | ${asha.accuracy.toFixed(2)} | ${(all.accuracy - asha.accuracy).toFixed(2)} | ${TRIALS * EPOCHS} | ${epochs} | ${(100 * share).toFixed(1)} % |`,
    );
  }
}

/** Each trial goes on from its checkpoint: it has had as many epochs as its furthest rung. */
function epochsOf(rows: readonly SweepRow[]): number {
  const furthest = new Map<string, number>();
  for (const { id, until = 0 } of rows) furthest.set(id, Math.max(until, furthest.get(id) ?? 0));
  return [...furthest.values()].reduce((sum, until) => sum + until, 0);
}
