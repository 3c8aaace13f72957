/** What the formulas call the slots of an optimizer, and what else to show of its steps. */
import type { Walk, WalkStep } from "./walk.js";

const COMMON: Readonly<Record<string, string>> = {
  expAvg: "m",
  expAvgSq: "v",
  momentumBuffer: "b",
  squareAvg: "s",
  sum: "s",
  s: "s",
  z: "z",
  x0: "θ₀",
  p0: "θ₀",
  hessian: "h",
  previousGrad: "gₚ",
  statistic0: "L₁",
  statistic1: "L₂",
  basis0: "Q₁",
  basis1: "Q₂",
};

const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  adabelief: { expAvgVar: "s" },
  adadelta: { accDelta: "d" },
  adafactor: { rowVar: "R", colVar: "C", variance: "V" },
  adamax: { expInf: "u" },
  adan: { expAvgDiff: "d", expAvgSq: "n", previousGrad: "" },
  ademamix: { expAvg: "m₁", expAvgSlow: "m₂" },
  amsgrad: { maxExpAvgSq: "v̂" },
  demonSgd: { momentumBuffer: "v" },
  lars: { momentumBuffer: "v" },
  lbfgs: { direction: "d" },
  madgrad: { gradSumSq: "v" },
  momentum: { velocity: "v" },
  nag: { velocity: "v" },
  novograd: { expAvgNorm: "√v" },
  qhm: { momentumBuffer: "m" },
  rprop: { stepSize: "s" },
};

/** The symbol of a slot in the formula; "" where it has none. */
export function symbolOf(name: string, slot: string): string {
  if (name === "lbfgs" && /^[sy]\d+$/.test(slot)) return slot[0]; // of the last pairs, each in a slot of its own
  return OWN[name]?.[slot] ?? COMMON[slot] ?? "";
}

/** A quantity that follows from what a step left. */
export interface Derived {
  label: string;
  of(step: WalkStep, walk: Walk): number;
}

const power = (step: WalkStep, name: string): number => 1 - (step.scalars[name] as number);
const corrected: readonly Derived[] = [
  { label: "m̂ = m / (1 - β₁^t)", of: (step) => step.slots.expAvg[0] / power(step, "beta1Power") },
  { label: "v̂ = v / (1 - β₂^t)", of: (step) => step.slots.expAvgSq[0] / power(step, "beta2Power") },
];
const effective: readonly Derived[] = [
  { label: "lr / √s, effective", of: ({ update, gradient }) => Number((update[0] / gradient[0]).toPrecision(6)) },
];
const scalar = (...names: string[]): Derived[] =>
  names.map((label) => ({ label, of: ({ scalars }) => scalars[label] as number }));

const DERIVED: Readonly<Record<string, readonly Derived[]>> = {
  adagrad: effective,
  adam: corrected,
  adamw: corrected,
  dadaptAdam: scalar("d"),
  dadaptSgd: scalar("d"),
  momentum: [{ label: "v / lr", of: ({ slots }, { hyper }) => slots.velocity[0] / (hyper.lr as number) }],
  prodigy: scalar("d"),
  rmsprop: effective,
  yellowfin: scalar("lr", "momentum"),
};

/** Quantities that are shown beside the slots of an example of one number. */
export const derivedOf = (name: string): readonly Derived[] => DERIVED[name] ?? [];

/** Slots that the rule keeps for itself, not for its formula. */
export const INNER: Readonly<Record<string, readonly string[]>> = {
  lbfgs: ["noted", "best", "point", "gradient"],
  shampoo: ["damped", "failed"],
  soap: ["failed"],
};
