/** The table of what each rule refuses of its own hyperparameters. */
import type { AnyRule } from "./options.js";
import type { Refused } from "./refusals.js";

export type Refusal = [what: string, value: unknown, error: Refused, message: RegExp | string];

const NAN = Number.NaN;
const INFINITY = Number.POSITIVE_INFINITY;

/** A number ≥ 0: what every rate, eps and decay must be. */
const nonNegative = (name: string): Refusal[] => [
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
const flag = (name: string): Refusal[] => [
  [name, 1, TypeError, `${name}: expected true or false, got 1`],
  [name, "false", TypeError, `${name}: expected true or false, got "false"`],
];
const epsPlacement = (one: string, other: string): Refusal[] => [
  ["epsPlacement", "inside", RangeError, `epsPlacement: expected "${one}" or "${other}", got "inside"`],
  ["epsPlacement", true, TypeError, `epsPlacement: expected "${one}" or "${other}", got true`],
];
const betas: Refusal[] = [
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
const decayRate = (name: string): Refusal[] => [
  [name, -0.1, RangeError, `${name}: expected a number in [0, 1), got -0.1`],
  [name, 1, RangeError, `${name}: expected a number in [0, 1), got 1`],
  [name, NAN, RangeError, `${name}: expected a number in [0, 1), got NaN`],
  [name, "0.9", TypeError, `${name}: expected a number in [0, 1), got "0.9"`],
];
const manyBetas: Refusal[] = [
  ["betas", 0.9, TypeError, "betas: expected an array of 1 to 5 numbers, got 0.9"],
  ["betas", [], RangeError, "betas: expected 1 to 5 numbers, got []"],
  ["betas", [0, 0, 0, 0, 0, 0], RangeError, "betas: expected 1 to 5 numbers, got [0, 0, 0, 0, 0, 0]"],
  ["betas", [0, 1], RangeError, "betas[1]: expected a number in [0, 1), got 1"],
];
const etas: Refusal[] = [
  ["etas", 0.5, TypeError, "etas: expected a pair of numbers, got 0.5"],
  ["etas", [0, 1.2], RangeError, "etas[0]: expected a number in (0, 1), got 0"],
  ["etas", [1, 1.2], RangeError, "etas[0]: expected a number in (0, 1), got 1"],
  ["etas", [0.5, 1], RangeError, "etas[1]: expected a finite number > 1, got 1"],
];
const stepSizes: Refusal[] = [
  ["stepSizes", [0, 50], RangeError, "stepSizes[0]: expected a finite number > 0, got 0"],
  ["stepSizes", [2, 1], RangeError, "stepSizes: expected the smaller one first, got [2, 1]"],
];
const momentumVariant: Refusal[] = [
  ["variant", "polyak", RangeError, 'variant: expected "classical" or "ema", got "polyak"'],
  ["nesterov", 1, TypeError, "nesterov: expected true or false, got 1"],
  ["biasCorrection", 1, TypeError, "biasCorrection: expected true or false, got 1"],
  ["biasCorrection", true, RangeError, 'biasCorrection: expected the variant "ema" with it, got "classical"'],
];
const nu: Refusal[] = [["nu", NAN, RangeError, "nu: expected a finite number, got NaN"]];
const steps: Refusal[] = [
  ["totalSteps", 0, RangeError, "totalSteps: expected a whole number ≥ 1, got 0"],
  ["totalSteps", 1.5, RangeError, "totalSteps: expected a whole number ≥ 1, got 1.5"],
];
const sgdMomentum: Refusal[] = [
  ...nonNegative("momentum"),
  ...flag("nesterov"),
  ["dampening", NAN, RangeError, "dampening: expected a finite number, got NaN"],
  ["dampening", "0", TypeError, 'dampening: expected a finite number, got "0"'],
  ["nesterov", true, RangeError, "nesterov: expected a momentum above 0 with it, got 0"],
];
const triple: Refusal[] = [
  ["betas", 0.9, TypeError, "betas: expected three numbers, got 0.9"],
  ["betas", [0.9, 0.9], RangeError, "betas: expected three numbers, got [0.9, 0.9]"],
  ["betas", [0.9, 0.9, 1], RangeError, "betas[2]: expected a number in [0, 1), got 1"],
  ["betas", [0.9, "0.9", 0.9], TypeError, 'betas[1]: expected a number in [0, 1), got "0.9"'],
];
const orNull = (name: string): Refusal[] => nonNegative(name).filter(([, value]) => value !== null);
const amsgrad: Refusal[] = [
  ...flag("amsgrad"),
  ...flag("amsgradCorrected"),
  ["amsgradCorrected", true, RangeError, "amsgradCorrected: expected amsgrad with it, got false"],
];
const whole = (name: string): Refusal[] => [
  [name, -1, RangeError, new RegExp(`^${name}: expected a whole number ≥ \\d, got -1$`)],
  [name, 1.5, RangeError, new RegExp(`^${name}: expected a whole number ≥ \\d, got 1.5$`)],
  [name, "2", TypeError, new RegExp(`^${name}: expected a whole number ≥ \\d, got "2"$`)],
];
const positive = (name: string): Refusal[] => [
  [name, 0, RangeError, `${name}: expected a finite number > 0, got 0`],
  [name, NAN, RangeError, `${name}: expected a finite number > 0, got NaN`],
  [name, "1", TypeError, `${name}: expected a finite number > 0, got "1"`],
];
const rate = (name: string): Refusal[] => [
  [name, 1, RangeError, `${name}: expected a number in [0, 1), got 1`],
  [name, -0.1, RangeError, `${name}: expected a number in [0, 1), got -0.1`],
  [name, "0.9", TypeError, `${name}: expected a number in [0, 1), got "0.9"`],
];
const growthRate: Refusal[] = [
  ["growthRate", 0.9, RangeError, "growthRate: expected a number ≥ 1, or Infinity, got 0.9"],
  ["growthRate", NAN, RangeError, "growthRate: expected a number ≥ 1, or Infinity, got NaN"],
  ["growthRate", "2", TypeError, 'growthRate: expected a number ≥ 1, or Infinity, got "2"'],
];
const layerwise: Refusal[] = [
  ...["momentum", "trustCoefficient", "eps"].flatMap(nonNegative),
  ...["nesterov", "normAfterDecay", "layerAdaptation"].flatMap(flag),
  ["dampening", NAN, RangeError, "dampening: expected a finite number, got NaN"],
];
const averageWeights = [...nonNegative("r"), ...nonNegative("weightLrPower")];
const common = [...nonNegative("lr"), ...nonNegative("weightDecay"), ...flag("maximize")];

/** What each rule refuses of its own hyperparameters; a row without an entry gets the general ones. */
const refused: Record<string, Refusal[]> = {
  dadaptAdam: [
    ...[...common, ...betas, ...nonNegative("eps"), ...flag("decoupled"), ...flag("biasCorrection")],
    ...[...positive("d0"), ...growthRate],
  ],
  dadaptSgd: [...common, ...rate("momentum"), ...positive("d0"), ...growthRate],
  prodigy: [
    ...[...common, ...betas, ...rate("beta3"), ...positive("eps"), ...flag("decoupled"), ...flag("biasCorrection")],
    ...[...flag("safeguardWarmup"), ...positive("d0"), ...positive("dCoef"), ...growthRate],
  ],
  scheduleFreeAdamw: [
    ...[...common, ...betas, ...nonNegative("eps"), ...whole("warmupSteps"), ...averageWeights],
    ["betas", [0, 0.9], RangeError, "betas[0]: expected a number in (0, 1), got 0"],
  ],
  scheduleFreeRadam: [
    ...[...common, ...betas, ...nonNegative("eps"), ...flag("silentSgdPhase"), ...averageWeights],
    ["betas", [0, 0.9], RangeError, "betas[0]: expected a number in (0, 1), got 0"],
  ],
  scheduleFreeSgd: [
    ...[...common, ...whole("warmupSteps"), ...averageWeights],
    ["momentum", 0, RangeError, "momentum: expected a number in (0, 1), got 0"],
    ["momentum", 1, RangeError, "momentum: expected a number in (0, 1), got 1"],
    ["momentum", "0.9", TypeError, 'momentum: expected a number in (0, 1), got "0.9"'],
  ],
  aggmo: [...common, ...manyBetas],
  adafactor: [
    ...[...common, ...["relativeStep", "scaleParameter", "factored", "fixedDecay"].flatMap(flag), ...rate("momentum")],
    ["beta2Decay", 0.1, RangeError, "beta2Decay: expected a finite number ≤ 0, got 0.1"],
    ["beta2Decay", "-0.8", TypeError, 'beta2Decay: expected a finite number ≤ 0, got "-0.8"'],
    ["eps", 1e-3, TypeError, "eps: expected a pair of numbers, got 0.001"],
    ["eps", [1e-3], RangeError, "eps: expected a pair of numbers, got [0.001]"],
    ["eps", [-1, 1e-3], RangeError, "eps[0]: expected a finite number ≥ 0, got -1"],
    ["eps", [null, null], TypeError, "eps[1]: expected a finite number ≥ 0, got null"],
    ["d", 0.9, RangeError, "d: expected a finite number ≥ 1, got 0.9"],
    ["variant", "keras", RangeError, 'variant: expected "pytorch" or "paper", got "keras"'],
  ],
  fromage: [...nonNegative("lr"), ...nonNegative("minNorm"), ...flag("maximize")],
  lamb: [
    ...[...common, ...betas, ...nonNegative("eps")],
    ...["decoupled", "biasCorrection", "trustClip", "layerAdaptation"].flatMap(flag),
  ],
  larc: [...common, ...layerwise, ...flag("trustClip")],
  lars: [...common, ...layerwise, ...flag("lrInMomentum")],
  sm3: [...nonNegative("lr"), ...rate("momentum"), ...nonNegative("eps"), ...flag("maximize")],
  novograd: [...common, ...betas, ...nonNegative("eps"), ...flag("gradAveraging")],
  asgd: [...common, ...nonNegative("lambd"), ...nonNegative("alpha"), ...nonNegative("t0")],
  demonSgd: [...common, ...decayRate("momentum"), ...steps],
  lion: [...common, ...betas],
  momentum: [...common, ...decayRate("momentum"), ...momentumVariant, ...flag("decoupled")],
  nag: [...common, ...decayRate("momentum")],
  qhm: [...common, ...decayRate("momentum"), ...nu, ...flag("decoupled")],
  rprop: [...nonNegative("lr"), ...flag("maximize"), ...etas, ...stepSizes],
  sgdw: [...common, ...sgdMomentum],
  shampoo: [
    ...[...common, ...nonNegative("eps"), ...nonNegative("momentum"), ...whole("preconditionFrequency")],
    ...[...whole("preconditionWarmup"), ...whole("maxPreconditionerDim")],
    ["beta2", 0, RangeError, "beta2: expected a number in (0, 1], got 0"],
    ["grafting", "adam", RangeError, 'grafting: expected "none" or "sgd" or "adagrad", got "adam"'],
    ["grafting", true, TypeError, 'grafting: expected "none" or "sgd" or "adagrad", got true'],
  ],
  signsgd: [...common, ...decayRate("momentum")],
  soap: [
    ...[
      ...common,
      ...betas,
      ...nonNegative("eps"),
      ...whole("preconditionFrequency"),
      ...whole("maxPreconditionerDim"),
    ],
    ...[...flag("precondition1d"), ...flag("correctBias")],
    ["shampooBeta", 1, RangeError, "shampooBeta: expected a number in [0, 1), got 1"],
  ],
  sophiaG: [...common, ...betas, ...nonNegative("rho"), ...positive("eps")],
  sophiaH: [
    ...[...common, ...betas, ...nonNegative("gamma"), ...positive("eps"), ...positive("clip")],
    ...[
      ...flag("biasCorrection"),
      ["eps", 1e-46, RangeError, "eps: expected a finite number > 0, got 1e-46"] as Refusal,
    ],
  ],
  tiger: [...common, ...decayRate("beta")],
  sgd: [...common, ...sgdMomentum],
  adabelief: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ...orNull("epsSquare"),
    ...flag("amsgrad"),
    ...flag("decoupled"),
  ],
  adamp: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ...nonNegative("delta"),
    ...nonNegative("wdRatio"),
    ...flag("nesterov"),
  ],
  adan: [...common, ...triple, ...nonNegative("eps"), ...flag("proximal")],
  ademamix: [...common, ...triple, ...nonNegative("alpha"), ...nonNegative("eps")],
  adopt: [...common, ...betas, ...nonNegative("eps"), ...orNull("clipExp"), ...flag("decoupled")],
  laprop: [...common, ...betas, ...nonNegative("eps")],
  madgrad: [
    ...common,
    ...nonNegative("eps"),
    ["momentum", 1, RangeError, "momentum: expected a number in [0, 1), got 1"],
    ["momentum", -0.1, RangeError, "momentum: expected a number in [0, 1), got -0.1"],
  ],
  mars: [
    ...common,
    ...betas,
    ...nonNegative("gamma"),
    ...nonNegative("eps"),
    ...flag("optimize1d"),
    ...nonNegative("lr1dFactor"),
    ["betas1d", [0.9, 1], RangeError, "betas1d[1]: expected a number in [0, 1), got 1"],
  ],
  muon: [
    ...[...common, ...decayRate("momentum"), ...flag("nesterov"), ...nonNegative("eps"), ...whole("nsSteps")],
    ["nsSteps", 100, RangeError, "nsSteps: expected a whole number < 100, got 100"],
    ["nsCoefficients", 3, TypeError, "nsCoefficients: expected three numbers, got 3"],
    ["nsCoefficients", [3, -4], RangeError, "nsCoefficients: expected three numbers, got [3, -4]"],
    ["nsCoefficients", [3, NAN, 2], RangeError, "nsCoefficients[1]: expected a finite number, got NaN"],
    ["adjustLrFn", "rms", RangeError, 'adjustLrFn: expected "original" or "matchRmsAdamw", got "rms"'],
    ["adjustLrFn", null, TypeError, 'adjustLrFn: expected "original" or "matchRmsAdamw", got null'],
  ],
  qhadam: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ...flag("decoupled"),
    ["nus", [1], RangeError, "nus: expected a pair of numbers, got [1]"],
    ["nus", [1, NAN], RangeError, "nus[1]: expected a finite number, got NaN"],
  ],
  yogi: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ...flag("decoupled"),
    ...nonNegative("initialAccumulatorValue"),
    ["initialMoment", NAN, RangeError, "initialMoment: expected a finite number, got NaN"],
  ],
  adadelta: [
    ...common,
    ...nonNegative("eps"),
    ["rho", -0.1, RangeError, "rho: expected a number in [0, 1], got -0.1"],
    ["rho", 1.1, RangeError, "rho: expected a number in [0, 1], got 1.1"],
    ["rho", "0.9", TypeError, 'rho: expected a number in [0, 1], got "0.9"'],
  ],
  adagrad: [
    ...common,
    ...nonNegative("lrDecay"),
    ...nonNegative("initialAccumulatorValue"),
    ...nonNegative("eps"),
    ...epsPlacement("denominator", "square"),
  ],
  adam: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ...amsgrad,
    ...epsPlacement("denominator", "root"),
    ...flag("decoupled"),
  ],
  adamax: [...common, ...betas, ...nonNegative("eps"), ...flag("decoupled"), ...epsPlacement("max", "denominator")],
  rmsprop: [
    ...common,
    ...["eps", "momentum", "initialAccumulatorValue"].flatMap(nonNegative),
    ...epsPlacement("denominator", "square"),
    ...["centered", "lrInMomentum", "nesterov"].flatMap(flag),
    ["alpha", -0.1, RangeError, "alpha: expected a number in [0, 1], got -0.1"],
    ["alpha", 1.1, RangeError, "alpha: expected a number in [0, 1], got 1.1"],
    ["nesterov", true, RangeError, "nesterov: expected a momentum above 0 with it, got 0"],
  ],
  amsgrad: [...common, ...betas, ...nonNegative("eps"), ...flag("biasCorrection")],
  demonAdam: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ["totalSteps", 0, RangeError, "totalSteps: expected a finite number > 0, got 0"],
    ["totalSteps", NAN, RangeError, "totalSteps: expected a finite number > 0, got NaN"],
    ["variant", "adam", RangeError, 'variant: expected "ema" or "paper", got "adam"'],
  ],
  nadam: [...common, ...betas, ...["eps", "momentumDecay"].flatMap(nonNegative), ...flag("decoupled")],
  nadamw: [...common, ...betas, ...["eps", "momentumDecay"].flatMap(nonNegative)],
  radam: [
    ...common,
    ...betas,
    ...nonNegative("eps"),
    ...flag("decoupled"),
    ...epsPlacement("root", "denominator"),
    ["threshold", 3.9, RangeError, "threshold: expected a finite number ≥ 4, got 3.9"],
    ["threshold", NAN, RangeError, "threshold: expected a finite number ≥ 4, got NaN"],
    ["threshold", INFINITY, RangeError, "threshold: expected a finite number ≥ 4, got Infinity"],
    ["threshold", "5", TypeError, 'threshold: expected a finite number ≥ 4, got "5"'],
  ],
  adamw: [...common, ...betas, ...nonNegative("eps"), ...amsgrad, ...epsPlacement("denominator", "root")],
  yellowfin: [
    ...[...common, ...nonNegative("lrFactor"), ...nonNegative("momentum"), ...rate("beta"), ...whole("window")],
    ...flag("adaptClip"),
  ],
};

/** For a rule without an entry: what no hyperparameter can be, whatever its range. */
function general({ hyper }: AnyRule): Refusal[] {
  return Object.entries({ ...hyper, maximize: false }).flatMap(([name, value]): Refusal[] => {
    if (typeof value === "boolean") return flag(name);
    const named = new RegExp(`^${name}`);
    return [
      [name, NAN, Array.isArray(value) ? TypeError : RangeError, named],
      [name, typeof value === "string" ? 1 : "1", TypeError, named],
    ];
  });
}

/** What a rule refuses of its hyperparameters. */
export const refusalsOf = (name: string, rule: AnyRule): Refusal[] => refused[name] ?? general(rule);
