/** THE MATRIX: every host that the library is tried in, in the order of its table. */
import { browsers } from "./families/browsers.js";
import { bundlers } from "./families/bundlers.js";
import { edge } from "./families/edge.js";
import { frameworks } from "./families/frameworks.js";
import { recipes } from "./families/recipes.js";
import { runtimes } from "./families/runtimes.js";
import { testRunners } from "./families/testRunners.js";
import { types } from "./families/types.js";
import type { Row } from "./support/row.js";

export const ROWS: readonly Row[] = [
  ...runtimes,
  ...edge,
  ...testRunners,
  ...bundlers,
  ...frameworks,
  ...browsers,
  ...recipes,
  ...types,
];
