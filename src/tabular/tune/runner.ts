import { createEngine } from "../../engine/create.js";
import type { Engine } from "../../engine/engine.js";
import type { HostAbortSignal } from "../../host/hostTypes.js";
import { type FailedTrial, runTrial, type Trial, type TrialResult, type TuneData } from "./trial.js";

/**
 * Runs trials that do not depend on each other, in any order, and reports each result by the number of its trial. Resolves
 * when all are reported; rejects with the signal's reason when aborted, with what was running given up.
 */
export type TuneRunner = (
  trials: readonly Trial[],
  data: TuneData,
  report: (trial: number, result: TrialResult | FailedTrial) => void,
  signal?: HostAbortSignal,
) => Promise<void>;

/** Runs one trial after the other in this thread; in a page too. */
export const inThisThread: TuneRunner = async (trials, data, report, signal) => {
  const engines = new Map<string, Engine>();
  try {
    for (const [i, trial] of trials.entries()) {
      signal?.throwIfAborted();
      const { simd } = trial.settings;
      if (!engines.has(simd)) engines.set(simd, await createEngine({ simd }));
      report(i, await runTrial(trial, data, { engine: engines.get(simd)!, signal }));
    }
  } finally {
    for (const engine of engines.values()) engine.dispose();
  }
};
