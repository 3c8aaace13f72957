/**
 * THE TABLE: every optimizer by name. Tests, benches, the command, the README and the arena go through it. Kept out of
 * the main entry, so that a bundler drops the optimizers that an app does not use.
 */
import * as factories from "./index.js";

export const optimizers = { ...factories };
