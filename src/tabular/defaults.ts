import { argumentError, rangeError } from "../check.js";
import { activations } from "./network.js";
import { checkHyper, OPTIMIZERS, rateOf } from "./optimizer.js";
import type { Settings } from "./settings.js";

/** The settings that are not given. */
const DEFAULTS = { hidden: [64], activation: "relu", optimizer: "adamw", epochs: 30, batch: 32, seed: 1 };

/**
 * Completes settings with the defaults.
 *
 * @throws RangeError or TypeError naming the setting, for an unknown name or for settings that contradict each other
 */
export function withDefaults(given: Partial<Settings>): Settings {
  const settings: Settings = { target: "", simd: "auto", ...DEFAULTS, ...given };
  const { hidden, dropout, schedule, warmup, optimizer, activation } = settings;
  if (!Object.hasOwn(activations, activation)) throw rangeError("activation", oneOf(activations), activation);
  if (!OPTIMIZERS.includes(optimizer)) throw rangeError("optimizer", `one of ${OPTIMIZERS.join(", ")}`, optimizer);
  if (dropout !== undefined && hidden.length === 0)
    throw argumentError("dropout", "expected hidden layers, whose units it drops, got none");
  checkHyper(settings);
  if ((schedule ?? warmup) !== undefined && rateOf(settings) === undefined)
    throw argumentError("schedule", `expected an optimizer with a learning rate, got ${optimizer}`);
  return settings;
}

const oneOf = (known: object): string => `one of ${Object.keys(known).join(", ")}`;
