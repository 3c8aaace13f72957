/** How the batteries of refusals look at an optimizer before and after. */
import { expect } from "vitest";
import type { Tensor } from "../../src/engine/tensor.js";
import { type Refused, snapshot, thrown } from "../../src/testing/refusals.js";
import type { AnyOptimizer } from "./options.js";

export { type Refused, snapshot, working } from "../../src/testing/refusals.js";

/** Runs it, holds the error against what is due, and sees that nothing has changed, now or at the next step. */
export function refuses(
  [opt, tensors]: [AnyOptimizer, Tensor[]],
  act: () => unknown,
  error: Refused,
  message: RegExp | string,
): void {
  const before = snapshot(opt, tensors);
  const caught = thrown(act);
  expect(caught).toBeInstanceOf(error);
  if (typeof message === "string") expect(caught?.message).toBe(message);
  else expect(caught?.message).toMatch(message);
  expect(snapshot(opt, tensors)).toEqual(before);
  opt.step(() => 0);
  expect(opt.stepCount).toBe(4);
}
