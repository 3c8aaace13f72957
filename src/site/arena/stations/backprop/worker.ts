/** Learns the family trees beside the page: what reads traits from its units at the end takes some 50 ms at once. */
import { familyTreesRun } from "../../../../experiments/familyTrees/experiment.js";
import { createEngine } from "../../../../index.js";
import { type Said, SWEEPS } from "./learner.js";

const host = self as unknown as { postMessage(said: Said): void };

self.addEventListener("message", ({ data: seed }: MessageEvent<number>) => {
  learn(seed).catch((error) => host.postMessage({ problem: error instanceof Error ? error.message : String(error) }));
});

async function learn(seed: number): Promise<void> {
  const engine = await createEngine({ simd: "strict" });
  const run = familyTreesRun(engine, { settings: "paper", seed, sweeps: SWEEPS });
  for (let next = run.next(); ; next = run.next()) {
    if (next.done) return host.postMessage({ weights: next.value.people.weights });
    host.postMessage({ point: next.value });
  }
}
