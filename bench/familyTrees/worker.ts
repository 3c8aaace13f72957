/** A thread that runs the family trees for the seeds that it is given, one after the other. */
import { parentPort } from "node:worker_threads";
import { createEngine } from "../../src/engine/create.js";
import { familyTreesExperiment } from "../../src/experiments/familyTrees/experiment.js";
import type { Job } from "./main.js";

// Strict: the same figures on every machine.
const engine = await createEngine({ simd: "strict" });

parentPort!.on("message", ({ index, ...options }: Job) => {
  const { curve, heldOut, probes, seconds } = familyTreesExperiment(engine, options);
  const last = curve.at(-1)!;
  parentPort!.postMessage({ index, last, asked: heldOut.length, probes, seconds });
});
