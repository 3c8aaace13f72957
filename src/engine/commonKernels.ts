/**
 * The kernels that every part of the library shares, by their names in the binary, and how each may be cut for threads.
 * Their twins are loaded with the js backend alone.
 */
import type { Partition } from "./backend.js";
import type { twins } from "./js/twins.js";

export type Twins = typeof twins;

/** `undefined`: the kernel stays on the caller's thread, as those do that sum over the rows of a column: a batch has few rows. */
export const commonPartitions: Readonly<Record<keyof Twins, Partition | undefined>> = {
  fill: ["elements", "array"],
  copy: ["elements", "array", "array"],
  scale: ["elements", "array"],
  axpy: ["elements", "array", "array"],
  flush: ["elements", "array"],
  dot: ["sum"],
  sum: ["sum"],
  sumAbs: ["sum"],
  maxAbs: undefined,
  addRow: ["rows", "same", "matrix"],
  addRowSums: undefined,
};
