/** A thread that trains networks for `thalweg tune`, one after the other. */
import { parentPort, workerData } from "node:worker_threads";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import { runTrial, type Trial, type TuneData } from "../tabular/tune/trial.js";

const data = workerData as TuneData;
/** One for all trials; those of a plan have the same `simd`. */
let engine: Promise<Engine> | undefined;

parentPort!.on("message", async ({ i, trial }: { i: number; trial: Trial }) => {
  engine ??= createEngine({ simd: trial.settings.simd });
  parentPort!.postMessage({ i, result: await runTrial(trial, data, { engine: await engine }) });
});
