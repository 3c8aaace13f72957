import {
  argumentError,
  checkKeys,
  checkNumber,
  checkPositive,
  checkRate,
  checkWhole,
  rangeError,
  typeError,
} from "../check.js";
import { type Check, oneOf, PREPARATION, text } from "../data/checkOptions.js";
import { runShapes } from "../schedule/run.js";
import { activations } from "./network.js";
import type { Settings } from "./settings.js";

const finite: Check = (name, value) => checkNumber(name, value, "a finite number", () => true);
const count: Check = (name, value) =>
  checkNumber(name, value, "a whole number ≥ 1", (x) => Number.isSafeInteger(x) && x >= 1);

/** More hidden layers than any network that trains has: a file cannot make the check itself long. */
const MOST_LAYERS = 1000;

const CHECKS: { readonly [Name in keyof Settings]-?: Check } = {
  ...PREPARATION,
  hidden: (name, value) => {
    if (!Array.isArray(value)) throw typeError(name, "an array of widths", value);
    if (value.length > MOST_LAYERS) throw rangeError(name, `at most ${MOST_LAYERS} widths`, value);
    for (const [i, width] of value.entries()) count(`${name}[${i}]`, width);
  },
  activation: oneOf(Object.keys(activations)),
  dropout: checkRate,
  optimizer: text,
  lr: finite,
  weightDecay: finite,
  momentum: finite,
  schedule: oneOf(runShapes),
  warmup: (name, value) => {
    if (typeof value === "string") fractionOf(name, value);
    else checkWhole(name, value);
  },
  clip: checkPositive,
  classWeights: oneOf(["balanced"]),
  labelSmoothing: (name, value) => checkNumber(name, value, "a number in [0, 1]", (x) => x >= 0 && x <= 1),
  ema: checkRate,
  earlyStop: count,
  saveEvery: count,
  epochs: count,
  batch: count,
  simd: oneOf(["auto", "relaxed", "strict"]),
};
/** The names of all settings. */
export const SETTINGS: readonly string[] = Object.keys(CHECKS);

const REQUIRED = ["target", "hidden", "activation", "optimizer", "epochs", "batch", "seed", "simd"] as const;

/**
 * Checks the kind and the range of each setting, for settings of a caller or of a file. Whether they fit each other and the
 * optimizer is for `withDefaults` to say.
 *
 * @throws RangeError or TypeError naming the setting, also for one that is unknown
 */
export function checkSettings(given: unknown): asserts given is Partial<Settings> {
  checkKeys("settings", given, SETTINGS);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) CHECKS[name as keyof Settings](name, value);
  }
}

/** Checks the settings in a file, which has all that are needed. */
export function checkSavedSettings(given: unknown): asserts given is Settings {
  checkSettings(given);
  for (const name of REQUIRED) if (given[name] === undefined) throw argumentError(name, "expected a value, got none");
}

/** The fraction in a text: 0.05, or 5%. */
export function fractionOf(name: string, text: string): number {
  const value = text.endsWith("%") ? Number(text.slice(0, -1) || Number.NaN) / 100 : Number(text || Number.NaN);
  if (value > 0 && value < 1) return value;
  throw rangeError(name, "a fraction between 0 and 1, or 0% and 100%", text);
}
