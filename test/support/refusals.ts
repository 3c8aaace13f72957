/** How the batteries of refusals look at an optimizer before and after. */
import { expect } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { uniform } from "./numbers.js";
import type { AnyFactory, AnyOptimizer, Hyper } from "./options.js";

export type Refused = typeof RangeError | typeof TypeError;

/** All that a refusal must leave as it was. */
export function snapshot(opt: AnyOptimizer, tensors: readonly Tensor[]): unknown {
  return structuredClone({
    params: tensors.map((tensor) => [...tensor.data]),
    grads: tensors.map((tensor) => [...tensor.grad]),
    state: opt.stateDict(),
    groups: opt.groups.map(({ params, ...hyper }) => [params.length, hyper]),
    bytes: tensors[0].engine.bytesInUse,
  });
}

/** An optimizer of two groups that has taken three steps. */
export function working(engine: Engine, factory: AnyFactory, hyper: Hyper = {}): [AnyOptimizer, Tensor[]] {
  const tensors = [engine.tensor(5, uniform(5, 1)), engine.attach(uniform(3, 2))];
  for (const { grad } of tensors) grad.fill(0.5);
  const opt = factory([{ params: [tensors[0]] }, { params: [tensors[1]], lr: 0.5 }], hyper);
  for (let t = 0; t < 3; t++) opt.step(() => 0);
  return [opt, tensors];
}

/** Runs it, holds the error against what is due, and sees that nothing has changed, now or at the next step. */
export function refuses(
  [opt, tensors]: [AnyOptimizer, Tensor[]],
  act: () => unknown,
  error: Refused,
  message: RegExp | string,
): void {
  const before = snapshot(opt, tensors);
  let thrown: unknown;
  try {
    act();
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(error);
  if (typeof message === "string") expect((thrown as Error).message).toBe(message);
  else expect((thrown as Error).message).toMatch(message);
  expect(snapshot(opt, tensors)).toEqual(before);
  opt.step(() => 0);
  expect(opt.stepCount).toBe(4);
}
