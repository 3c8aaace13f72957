/**
 * Golden files that are not their optimizer's by name: another reference's form, reached by options of ours, or
 * hyperparameters under other names.
 */
import type { Hyper } from "./options.js";
import { named } from "./renamed.js";

interface Special {
  optimizer: string;
  /** Our hyperparameters for the file's. */
  hyper(given: Hyper): Hyper;
}

export const specials: Record<string, Special> = {
  "adagrad.keras_optax": {
    optimizer: "adagrad",
    hyper: (given) => ({ epsInsideRoot: true, initialAccumulatorValue: 0.1, eps: 1e-7, ...named(given) }),
  },
  "adamax.keras": {
    optimizer: "adamax",
    hyper: (given) => ({ lr: 1e-3, eps: 1e-7, epsOutsideMax: true, decoupled: true, ...named(given) }),
  },
  "rmsprop.keras_optax": { optimizer: "rmsprop", hyper: (given) => ({ ...kerasRmsprop, ...rmspropNames(given) }) },
  rmsprop_tf: {
    optimizer: "rmsprop",
    hyper: (given) => ({ ...kerasRmsprop, initialAccumulatorValue: 1, ...rmspropNames(given) }),
  },
};

const kerasRmsprop: Hyper = { lr: 1e-3, alpha: 0.9, eps: 1e-7, epsInsideRoot: true, lrInMomentum: true };
const rmspropNames = (given: Hyper): Hyper => named(given, { rho: "alpha", initial: "initialAccumulatorValue" });
