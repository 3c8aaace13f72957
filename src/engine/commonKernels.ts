/**
 * The kernels that every part of the library shares, by their names in the binary: how each may be cut. Their twins are
 * loaded with the js backend, and not where WebAssembly runs.
 */
import type { Form } from "./backend.js";
import type { twins } from "./js/twins.js";

export type Twins = typeof twins;

/** "": all of it stays on the caller's thread. What goes over the rows of a column does: a batch has few rows. */
export const commonForms: Readonly<Record<keyof Twins, Form | "">> = {
  fill: "nx-",
  copy: "nxx",
  scale: "nx-",
  axpy: "nxx-",
  subtract: "nxxx",
  clamp: "nx-",
  multiply: "nxxx",
  lerp: "nxx-",
  swap: "nxx",
  axpySquare: "nxx-",
  clipRatios: "nxx--",
  flush: "nx",
  dot: "+",
  sum: "+",
  sumAbs: "+",
  maxAbs: "",
  addRow: "rc-m",
  addRowSums: "",
  mulRow: "rc-m",
  columnNorms: "",
  gatherRows: "rc-vm",
  copyColumns: "",
};
