/** What kinds of hyperparameters refuse: wrong values with the messages for them, which several rules share. */
import type { Refused } from "./refusals.js";

export type Refusal = [what: string, value: unknown, error: Refused, message: RegExp | string];

export const NAN = Number.NaN;
export const INFINITY = Number.POSITIVE_INFINITY;

/** A number ≥ 0: what every rate, eps and decay must be. */
export const nonNegative = (name: string): Refusal[] => [
  [name, -1e-9, RangeError, `${name}: expected a finite number ≥ 0, got -1e-9`],
  [name, NAN, RangeError, `${name}: expected a finite number ≥ 0, got NaN`],
  [name, INFINITY, RangeError, `${name}: expected a finite number ≥ 0, got Infinity`],
  [name, -INFINITY, RangeError, `${name}: expected a finite number ≥ 0, got -Infinity`],
  [name, "0.1", TypeError, `${name}: expected a finite number ≥ 0, got "0.1"`],
  [name, null, TypeError, `${name}: expected a finite number ≥ 0, got null`],
  [name, [0.1], TypeError, new RegExp(`^${name}: expected a finite number ≥ 0, got .*0.1`)],
  [name, true, TypeError, `${name}: expected a finite number ≥ 0, got true`],
  [name, () => NAN, RangeError, `${name} at step 3: expected a finite number from the schedule, got NaN`],
  [name, () => "1", RangeError, `${name} at step 3: expected a finite number from the schedule, got "1"`],
  [name, () => -1, RangeError, `${name}: expected a finite number ≥ 0, got -1`],
];
export const flag = (name: string): Refusal[] => [
  [name, 1, TypeError, `${name}: expected true or false, got 1`],
  [name, "false", TypeError, `${name}: expected true or false, got "false"`],
];
export const epsPlacement = (one: string, other: string): Refusal[] => [
  ["epsPlacement", "inside", RangeError, `epsPlacement: expected "${one}" or "${other}", got "inside"`],
  ["epsPlacement", true, TypeError, `epsPlacement: expected "${one}" or "${other}", got true`],
];
export const betas: Refusal[] = [
  ["betas", 0.9, TypeError, "betas: expected a pair of numbers, got 0.9"],
  ["betas", [0.9], RangeError, "betas: expected a pair of numbers, got [0.9]"],
  ["betas", [0.9, 0.9, 0.9], RangeError, "betas: expected a pair of numbers, got [0.9, 0.9, 0.9]"],
  ["betas", [1, 0.9], RangeError, "betas[0]: expected a number in [0, 1), got 1"],
  ["betas", [0.9, 1], RangeError, "betas[1]: expected a number in [0, 1), got 1"],
  ["betas", [-0.1, 0.9], RangeError, "betas[0]: expected a number in [0, 1), got -0.1"],
  ["betas", [0.9, NAN], RangeError, "betas[1]: expected a number in [0, 1), got NaN"],
  ["betas", [0.9, "0.9"], TypeError, 'betas[1]: expected a number in [0, 1), got "0.9"'],
  ["betas", [() => 1, 0.9], RangeError, "betas[0]: expected a number in [0, 1), got 1"],
];
/** A decay rate: 0 ≤ x < 1. */
export const decayRate = (name: string): Refusal[] => [
  [name, -0.1, RangeError, `${name}: expected a number in [0, 1), got -0.1`],
  [name, 1, RangeError, `${name}: expected a number in [0, 1), got 1`],
  [name, NAN, RangeError, `${name}: expected a number in [0, 1), got NaN`],
  [name, "0.9", TypeError, `${name}: expected a number in [0, 1), got "0.9"`],
];
export const manyBetas: Refusal[] = [
  ["betas", 0.9, TypeError, "betas: expected an array of 1 to 5 numbers, got 0.9"],
  ["betas", [], RangeError, "betas: expected 1 to 5 numbers, got []"],
  ["betas", [0, 0, 0, 0, 0, 0], RangeError, "betas: expected 1 to 5 numbers, got [0, 0, 0, 0, 0, 0]"],
  ["betas", [0, 1], RangeError, "betas[1]: expected a number in [0, 1), got 1"],
];
export const etas: Refusal[] = [
  ["etas", 0.5, TypeError, "etas: expected a pair of numbers, got 0.5"],
  ["etas", [0, 1.2], RangeError, "etas[0]: expected a number in (0, 1), got 0"],
  ["etas", [1, 1.2], RangeError, "etas[0]: expected a number in (0, 1), got 1"],
  ["etas", [0.5, 1], RangeError, "etas[1]: expected a finite number > 1, got 1"],
];
export const stepSizes: Refusal[] = [
  ["stepSizes", [0, 50], RangeError, "stepSizes[0]: expected a finite number > 0, got 0"],
  ["stepSizes", [2, 1], RangeError, "stepSizes: expected the smaller one first, got [2, 1]"],
];
export const momentumVariant: Refusal[] = [
  ["variant", "polyak", RangeError, 'variant: expected "classical" or "ema", got "polyak"'],
  ["nesterov", 1, TypeError, "nesterov: expected true or false, got 1"],
  ["biasCorrection", 1, TypeError, "biasCorrection: expected true or false, got 1"],
  ["biasCorrection", true, RangeError, 'biasCorrection: expected the variant "ema" with it, got "classical"'],
];
export const nu: Refusal[] = [["nu", NAN, RangeError, "nu: expected a finite number, got NaN"]];
export const steps: Refusal[] = [
  ["totalSteps", 0, RangeError, "totalSteps: expected a whole number ≥ 1, got 0"],
  ["totalSteps", 1.5, RangeError, "totalSteps: expected a whole number ≥ 1, got 1.5"],
];
export const sgdMomentum: Refusal[] = [
  ...nonNegative("momentum"),
  ...flag("nesterov"),
  ["dampening", NAN, RangeError, "dampening: expected a finite number, got NaN"],
  ["dampening", "0", TypeError, 'dampening: expected a finite number, got "0"'],
  ["nesterov", true, RangeError, "nesterov: expected a momentum above 0 with it, got 0"],
];
export const triple: Refusal[] = [
  ["betas", 0.9, TypeError, "betas: expected three numbers, got 0.9"],
  ["betas", [0.9, 0.9], RangeError, "betas: expected three numbers, got [0.9, 0.9]"],
  ["betas", [0.9, 0.9, 1], RangeError, "betas[2]: expected a number in [0, 1), got 1"],
  ["betas", [0.9, "0.9", 0.9], TypeError, 'betas[1]: expected a number in [0, 1), got "0.9"'],
];
export const orNull = (name: string): Refusal[] => nonNegative(name).filter(([, value]) => value !== null);
export const amsgrad: Refusal[] = [
  ...flag("amsgrad"),
  ...flag("amsgradCorrected"),
  ["amsgradCorrected", true, RangeError, "amsgradCorrected: expected amsgrad with it, got false"],
];
export const whole = (name: string): Refusal[] => [
  [name, -1, RangeError, new RegExp(`^${name}: expected a whole number ≥ \\d, got -1$`)],
  [name, 1.5, RangeError, new RegExp(`^${name}: expected a whole number ≥ \\d, got 1.5$`)],
  [name, "2", TypeError, new RegExp(`^${name}: expected a whole number ≥ \\d, got "2"$`)],
];
export const positive = (name: string): Refusal[] => [
  [name, 0, RangeError, `${name}: expected a finite number > 0, got 0`],
  [name, NAN, RangeError, `${name}: expected a finite number > 0, got NaN`],
  [name, "1", TypeError, `${name}: expected a finite number > 0, got "1"`],
];
export const rate = (name: string): Refusal[] => [
  [name, 1, RangeError, `${name}: expected a number in [0, 1), got 1`],
  [name, -0.1, RangeError, `${name}: expected a number in [0, 1), got -0.1`],
  [name, "0.9", TypeError, `${name}: expected a number in [0, 1), got "0.9"`],
];
export const growthRate: Refusal[] = [
  ["growthRate", 0.9, RangeError, "growthRate: expected a number ≥ 1, or Infinity, got 0.9"],
  ["growthRate", NAN, RangeError, "growthRate: expected a number ≥ 1, or Infinity, got NaN"],
  ["growthRate", "2", TypeError, 'growthRate: expected a number ≥ 1, or Infinity, got "2"'],
];
export const layerwise: Refusal[] = [
  ...["momentum", "trustCoefficient", "eps"].flatMap(nonNegative),
  ...["nesterov", "normAfterDecay", "layerAdaptation"].flatMap(flag),
  ["dampening", NAN, RangeError, "dampening: expected a finite number, got NaN"],
];
export const averageWeights = [...nonNegative("r"), ...nonNegative("weightLrPower")];
export const common = [...nonNegative("lr"), ...nonNegative("weightDecay"), ...flag("maximize")];
