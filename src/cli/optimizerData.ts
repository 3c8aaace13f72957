/** What the command knows of each optimizer: a file that the build writes from the code and its docstrings. */
import { readFileSync } from "node:fs";

/** One optimizer, as plain data. */
export interface OptimizerEntry {
  name: string;
  paper: string;
  follows: string;
  /** Bytes of state per parameter of a matrix [512, 512]: the minimum and the maximum over its options. */
  state: readonly [number, number];
  /** Bytes of state of a matrix [m, n] and of a vector [n] at the defaults, as formulas: "8mn", "4m + 4n". */
  stateOf: { readonly matrix: string; readonly vector: string };
  /** What it does, its formula, and its source: Markdown. */
  text: string;
  options: readonly OptionEntry[];
  /** A line of code that makes one. */
  example: string;
}

/** A hyperparameter. Infinity, which JSON lacks, is a text. */
export interface OptionEntry {
  name: string;
  default: unknown;
  meaning: string;
}

/** The name of the file, which lies beside the bundled command. */
export const OPTIMIZER_FILE = "optimizers.json";

/** All optimizers, in the order of THE TABLE. */
export const optimizerEntries = (): readonly OptimizerEntry[] =>
  JSON.parse(readFileSync(new URL(OPTIMIZER_FILE, import.meta.url), "utf8"));
