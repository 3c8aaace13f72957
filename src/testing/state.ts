/** Runs that are stopped and resumed. */
import type { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { uniform } from "./numbers.js";
import type { AnyFactory, Hyper } from "./types.js";

const N = 13;

/** A vector, an attached array and a matrix. */
export const params = (engine: Engine): Tensor[] => [
  engine.tensor(N, uniform(N, 1)),
  engine.attach(uniform(5, 2)),
  engine.tensor([2, 3], uniform(6, 3)),
];

/** Steps from step `from` on, with gradients that depend on the step alone; what a group's tensors are is the caller's. */
export function walk(
  opt: { step(closure: () => number): unknown },
  tensors: readonly Tensor[],
  from: number,
  to: number,
): void {
  for (let t = from; t < to; t++) {
    for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 100 * t + i));
    opt.step(() => 0); // some rules need a closure
  }
}

/** Where a run ends that never stops, and one that stops after `at` steps, is saved, and resumed on another engine. */
export function resumed(engine: Engine, other: Engine, factory: AnyFactory, hyper: Hyper, at: number, steps: number) {
  const groups = ([a, b, c]: Tensor[]) => [{ params: [a, b] }, { params: [c], lr: (step: number) => 1 / (step + 9) }];
  const end = (opt: ReturnType<AnyFactory>, tensors: readonly Tensor[]) => ({
    values: tensors.map((tensor) => tensor.toArray()),
    state: opt.stateDict(),
  });
  const unstopped = params(engine);
  const whole = factory(groups(unstopped), hyper);
  walk(whole, unstopped, 0, steps);
  const first = params(engine);
  const stopped = factory(groups(first), hyper);
  walk(stopped, first, 0, at);
  const saved = structuredClone(stopped.stateDict());
  // Hyperparameters that the state overwrites, except for the schedule.
  const second = params(other).map((tensor, i) => tensor.copyFrom(first[i].data));
  const restored = factory(groups(second), { ...hyper, lr: 77 });
  restored.loadStateDict(saved);
  walk(restored, second, at, steps);
  return { want: end(whole, unstopped), got: end(restored, second) };
}
