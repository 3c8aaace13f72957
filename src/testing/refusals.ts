/** How refusals are looked at: an optimizer and all that it holds, before and after. */
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { uniform } from "./numbers.js";
import type { AnyFactory, AnyOptimizer, Hyper } from "./types.js";

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

/** Runs it, and returns what it threw; undefined where it threw nothing. */
export function thrown(act: () => unknown): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
