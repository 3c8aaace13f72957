/**
 * THE TABLE: every optimizer by name. Tests, benches, the command, the README and the arena go through it. Kept out of
 * the main entry, so that a bundler drops the optimizers that an app does not use.
 */
import { adam } from "./adam.js";
import { adamw } from "./adamw.js";
import { sgd } from "./sgd.js";

export const optimizers = { sgd, adam, adamw };
