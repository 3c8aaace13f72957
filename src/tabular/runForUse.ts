import type { Engine } from "../engine/engine.js";
import type { Model } from "../nn/sequential.js";
import { BestEpoch } from "../train/bestEpoch.js";
import { loadCheckpoint } from "../train/checkpoint.js";
import { checkBest, runOf } from "../train/runState.js";
import { withDefaults } from "./defaults.js";
import { type Parts, partsOf, settle } from "./parts.js";
import { inFile, type SavedRun } from "./savedRun.js";

/**
 * The model of a run as it was measured: that of the best epoch if the run stops early, of the optimizer's evaluation mode,
 * with the averages of the weights in it. Apart from `loadModel`, because it takes every optimizer.
 *
 * @throws RangeError or TypeError for state that does not fit; then nothing is left in the engine's memory
 */
export function runForUse(engine: Engine, { checkpoint, settings, schema, rows }: SavedRun): Model {
  const { model, optimizer, averages } = partsFor(engine, { settings, schema, rows });
  try {
    loadCheckpoint(checkpoint, { model, optimizer, stateful: averages ? { averages } : {} });
    if (settings.earlyStop !== undefined) {
      const { best: state } = runOf(checkpoint)!;
      checkBest(state, model);
      const best = new BestEpoch({ patience: settings.earlyStop }, model, optimizer, averages);
      best.load(state);
      best.restore();
    }
    settle({ optimizer, averages });
  } catch (error) {
    model.dispose();
    throw inFile(error);
  } finally {
    // Neither puts back what it has changed in the model.
    optimizer.dispose();
    averages?.dispose();
  }
  return model;
}

function partsFor(engine: Engine, { settings, schema, rows }: Pick<SavedRun, "settings" | "schema" | "rows">): Parts {
  try {
    return partsOf(engine, withDefaults(settings), schema, rows);
  } catch (error) {
    throw inFile(error);
  }
}
