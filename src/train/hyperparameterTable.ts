/** One hyperparameter: its usual range, and what it controls. */
export interface HyperparameterRow {
  name: string;
  default: string;
  range: string;
  controls: string;
}

/**
 * The usual ranges of hyperparameters.
 *
 * @example
 * for (const { name, range } of hyperparameters) console.log(name, range);
 */
export const hyperparameters: readonly HyperparameterRow[] = [
  {
    name: "learning rate",
    default: "1e-3 (Adam), 0.1 (SGD)",
    range: "1e-5 – 1",
    controls: "step size: the most important one",
  },
  {
    name: "β₁",
    default: "0.9",
    range: "0.8 – 0.95",
    controls: "gradient memory: 1/(1 - β₁) steps",
  },
  {
    name: "β₂",
    default: "0.999",
    range: "0.99 – 0.9999",
    controls: "memory of its square",
  },
  {
    name: "ε",
    default: "1e-8",
    range: "1e-8 – 1e-6",
    controls: "floor; 1e-6 – 1e-5 in low precision",
  },
  {
    name: "weight decay",
    default: "0.01",
    range: "0 – 0.3",
    controls: "strength of regularisation",
  },
  {
    name: "warm-up",
    default: "1 – 5 % of the steps",
    range: "100 – 10,000",
    controls: "ramp to the peak",
  },
  {
    name: "batch size",
    default: "32 – 256",
    range: "16 – 65,536",
    controls: "gradient noise (variance ∝ 1/B)",
  },
];

/**
 * The order in which to tune hyperparameters, and the values to try.
 *
 * @example
 * console.log(tuning.map(({ name, values }) => `${name}: ${values}`).join("\n"));
 */
export const tuning: readonly { name: string; values: string }[] = [
  { name: "learning rate", values: "5 – 10 values on a log scale, 1e-5 to 1e-1" },
  { name: "weight decay", values: "0, 0.01, 0.1" },
  { name: "batch size", values: "scale lr with it" },
  { name: "schedule", values: "warm-up 1, 5, 10 %" },
  { name: "β", values: "turning momentum β on: divide lr by about 1/(1 - β)" },
  { name: "ε", values: "last" },
];
