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

export const specials: Record<string, Special> = {};
