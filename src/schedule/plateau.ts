import { checkNonNegative, checkNumber, checkOneOf, checkWhole, typeError } from "../check.js";
import { brief, checkFinite, checkOptions, type Schedule, schedule } from "./schedule.js";

/** Options of {@link reduceOnPlateau}. */
export interface PlateauOptions {
  /** Factor of each reduction, below 1. Default 0.1. */
  gamma?: number;
  /** Epochs without progress that it tolerates. Default 10. */
  patience?: number;
  /** Progress is a change by more than this. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best metric or a distance from it. Default "rel". */
  thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction that do not count. Default 0. */
  cooldown?: number;
  /** Where it stops: it does not go below this. Default 0. */
  to?: number;
  /** Skip a reduction by no more than this. Default 1e-8. */
  eps?: number;
  /** Whether a better metric is lower (a loss) or higher (an accuracy). Default "min". */
  mode?: "min" | "max";
}

/** The state of {@link reduceOnPlateau} as plain data. */
export interface PlateauState {
  value: number;
  /** The best metric so far. */
  best: number | null;
  /** Epochs without progress since then. */
  bad: number;
  /** Epochs left that do not count after a reduction. */
  cooldown: number;
}

/** A schedule that follows a metric instead of the step. */
export interface PlateauSchedule extends Schedule {
  /** Takes the metric of an epoch and returns the value from now on. */
  step(metric: number): number;
  /** Everything a later run needs to resume. */
  stateDict(): PlateauState;
  /** Restores what {@link stateDict} returned. */
  loadStateDict(state: PlateauState): void;
}

/**
 * Reduces a value when a metric has stopped improving.
 *
 * after more than `patience` epochs without progress: value = max(to, gamma · value)
 *
 * The only schedule with state: it ignores the step; call `step(metric)` once an epoch. An optimizer that has it as a
 * hyperparameter, also inside `warmup`, `join` or `product`, saves it in its own state, as do checkpoints. A metric that is
 * not finite is no progress. PyTorch's ReduceLROnPlateau.
 * @throws RangeError for a gamma outside (0, 1), negative patience, threshold, cooldown or eps; `step` a TypeError for
 *   a metric that is not a number
 * @example
 * const lr = schedules.reduceOnPlateau(0.1, { gamma: 0.5, patience: 5 });
 * const optimizer = sgd(model.parameters(), { lr });
 * await train(model, data, { optimizer, loss: mse, epochs: 100, batchSize: 32, onEpoch: ({ loss }) => void lr.step(loss) });
 */
export function reduceOnPlateau(value: number, options: PlateauOptions = {}): PlateauSchedule {
  checkFinite("value", value);
  const KNOWN = ["gamma", "patience", "threshold", "thresholdMode", "cooldown", "to", "eps", "mode"];
  checkOptions("reduceOnPlateau", options, KNOWN);
  const { gamma = 0.1, patience = 10, threshold = 1e-4, thresholdMode = "rel", cooldown = 0 } = options;
  const { to = 0, eps = 1e-8, mode = "min" } = options;
  checkNumber("gamma", gamma, "a number in (0, 1)", (x) => x > 0 && x < 1);
  checkWhole("patience", patience, 0);
  checkNonNegative("threshold", threshold);
  checkOneOf("thresholdMode", thresholdMode, ["rel", "abs"]);
  checkWhole("cooldown", cooldown, 0);
  checkFinite("to", to);
  checkNonNegative("eps", eps);
  checkOneOf("mode", mode, ["min", "max"]);
  let state: PlateauState = { value, best: null, bad: 0, cooldown: 0 };
  const sign = mode === "min" ? -1 : 1;
  const better = (metric: number, best: number | null): boolean => {
    if (!Number.isFinite(metric)) return false;
    if (best === null) return true;
    const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < bar : metric > bar;
  };
  const text = () => `reduceOnPlateau(${brief(state.value)}, × ${brief(gamma)} after ${patience} without progress)`;
  return Object.assign(
    schedule(text, () => state.value),
    {
      step(metric: number): number {
        if (typeof metric !== "number") throw typeError("metric", "a number", metric);
        if (better(metric, state.best)) {
          state.best = metric;
          state.bad = 0;
        } else state.bad++;
        if (state.cooldown > 0) {
          state.cooldown--;
          state.bad = 0;
        }
        if (state.bad > patience) {
          const reduced = Math.max(to, gamma * state.value);
          if (state.value - reduced > eps) state.value = reduced;
          state.cooldown = cooldown;
          state.bad = 0;
        }
        return state.value;
      },
      stateDict: (): PlateauState => ({ ...state }),
      loadStateDict(saved: PlateauState): void {
        checkOptions("state", saved, ["value", "best", "bad", "cooldown"]);
        checkFinite("state.value", saved.value);
        if (saved.best !== null) checkFinite("state.best", saved.best);
        checkWhole("state.bad", saved.bad, 0);
        checkWhole("state.cooldown", saved.cooldown, 0);
        state = { ...saved };
      },
    },
  );
}
