/** Numbers that tests share: those of the battery that the library exports. */
export * from "../../src/testing/numbers.js";
