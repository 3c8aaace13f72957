/**
 * Every rule of the table once more, straight from its formula, at its default hyperparameters. Nothing here is shared with
 * the library: a test that compares the two (test/optim/extremes.test.ts) compares with the formulas.
 */
import type { Straight } from "./arithmetic.js";
import * as descent from "./descent.js";
import * as distance from "./distance.js";
import * as layerwise from "./layerwise.js";
import * as matrix from "./matrix.js";
import * as moments from "./moments.js";

const { project: _project, ...descentRules } = descent;
const { rectification: _rectification, ...momentRules } = moments;

export const straight: Readonly<Record<string, Straight>> = {
  ...{ ...descentRules, ...momentRules, ...distance, ...layerwise, ...matrix },
};
