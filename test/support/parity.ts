/** Runs of the parity battery, on engines of their own, with the Hessian's diagonal for the rules that take it. */
import * as parity from "../../src/testing/parity.js";
import type { BackendRow } from "./backends.js";
import { feedCurvature } from "./curvature.js";
import { uniform } from "./numbers.js";
import type { AnyFactory, Hyper } from "./options.js";

export { type Run, STEPS } from "../../src/testing/parity.js";

// Of either sign, and in a wild run over much of the range of f32.
const before: NonNullable<parity.RunOptions["before"]> = (opt, t, tensors, wild) =>
  feedCurvature(opt, t - 1, tensors, ({ size }, i) =>
    uniform(size, 5000 + t + i).map((x, j) => (wild && (i + j) % 2 ? x * 2 ** (10 * ((j % 23) - 11)) : x)),
  );

export async function run(backend: BackendRow, factory: AnyFactory, hyper: Hyper, o: { clip: boolean }) {
  using engine = await backend.create();
  return parity.run(engine, factory, hyper, { ...o, before });
}

export async function reached(backend: BackendRow, factory: AnyFactory, hyper: Hyper): Promise<Set<string>> {
  using engine = await backend.create();
  return parity.reached(engine, factory, hyper);
}
