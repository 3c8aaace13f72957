import { fileURLToPath } from "node:url";

/** A file of the handwritten digits (test/data/README.md). */
export const digits = (name: "train.csv" | "test.csv"): string =>
  fileURLToPath(new URL(`../data/digits/${name}`, import.meta.url));
