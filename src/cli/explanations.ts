/** What `thalweg explain` knows of topics besides THE TABLE: a file that the build writes from docstrings. */
import { readFileSync } from "node:fs";

/** One topic, as plain data. */
export interface Explanation {
  kind: "optimizer" | "schedule";
  name: string;
  /** What it does, its formula and its source: Markdown. */
  text: string;
  /** Code that makes one. */
  example: string;
}

/** The name of the file, which lies beside the bundled command. */
export const EXPLANATION_FILE = "explanations.json";

export const explanations = (): readonly Explanation[] =>
  JSON.parse(readFileSync(new URL(EXPLANATION_FILE, import.meta.url), "utf8"));
