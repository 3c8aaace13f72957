/**
 * Golden files that are not their optimizer's by name: another reference's form, reached by options of ours, or
 * hyperparameters under other names.
 */
import type { Hyper } from "./options.js";

interface Special {
  optimizer: string;
  /** Our hyperparameters for the file's. */
  hyper(given: Hyper): Hyper;
}

/** The hyperparameters that a file gives, under our names. */
const renamed = (given: Hyper): Hyper =>
  Object.fromEntries(
    Object.entries(given).map(([key, value]) => [
      key.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()),
      value,
    ]),
  );

export const specials: Record<string, Special> = {
  demon_sgd: {
    optimizer: "demonSgd",
    hyper: ({ T = 20, weight_decay = 0, ...given }) => ({ ...given, totalSteps: T, weightDecay: weight_decay }),
  },
  "sgd.ema": {
    optimizer: "momentum",
    hyper: ({ weight_decay = 0, ...given }) => ({ ...given, form: "ema", weightDecay: weight_decay }),
  },
  "sgd.keras": {
    optimizer: "momentum",
    hyper: ({ weight_decay = 0, momentum = 0, ...given }) => ({
      ...given,
      momentum,
      weightDecay: weight_decay,
      decoupled: true,
    }),
  },
  signsgd: { optimizer: "signsgd", hyper: ({ beta = 0, ...given }) => ({ ...given, momentum: beta }) },
  // Optax names both places of ε.
  "adabelief.optax": { optimizer: "adabelief", hyper: (given) => ({ epsRoot: 1e-16, ...renamed(given) }) },
  // pytorch_optimizer starts the first moment at 1e-6 too.
  yogi: { optimizer: "yogi", hyper: (given) => ({ initialMoment: 1e-6, ...renamed(given) }) },
};
