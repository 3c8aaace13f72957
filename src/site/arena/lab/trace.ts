/** What an optimizer of the library holds at each step of a run: the same steps as a race takes, written down. */
import type { Engine, Optimizer, Tensor } from "../../../index.js";
import type { Landscape } from "../../../landscape/index.js";
import { optimizers } from "../../../optim/table.js";

type Factory = (params: Tensor[], hyper: object) => Optimizer;

export interface TraceStep {
  /** Where the gradient was taken, and where the step led. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly gradient: readonly number[];
  /** The slots after the step by the names that the library gives them, such as expAvg. */
  readonly slots: Readonly<Record<string, readonly number[]>>;
}

/** A source of gradients: writes that at a point for a step, counted from 0, and returns the loss. */
export type Gradients = (at: ArrayLike<number>, step: number, out: Float64Array) => number;

/**
 * Runs an optimizer and writes down its steps; ends where a parameter is no longer finite. `ready` is given the optimizer before
 * its first step.
 */
export function trace(
  engine: Engine,
  name: string,
  hyper: Readonly<Record<string, unknown>>,
  start: readonly number[],
  steps: number,
  gradients: Gradients,
  ready: (optimizer: Optimizer) => void = () => {},
): TraceStep[] {
  const parameters = engine.tensor(start.length, start);
  const optimizer = (optimizers as unknown as Record<string, Factory>)[name]([parameters], hyper);
  const gradient = new Float64Array(start.length);
  const found: TraceStep[] = [];
  let state: [string, Tensor][] | undefined;
  try {
    ready(optimizer);
    let from = copied(parameters.data);
    for (let step = 0; step < steps; step++) {
      optimizer.step(() => {
        const loss = gradients(parameters.data, step, gradient);
        parameters.grad.set(gradient);
        return loss;
      });
      const to = copied(parameters.data);
      state ??= Object.entries(optimizer.state(parameters)); // the same tensors from the first step on
      const slots: Record<string, number[]> = {};
      for (const [slot, tensor] of state) slots[slot] = copied(tensor.data);
      found.push({ from, to, gradient: copied(parameters.grad), slots });
      from = to;
      if (!to.every(Number.isFinite)) break;
    }
  } finally {
    optimizer.dispose();
    parameters.dispose();
  }
  return found;
}

/** In a third of the time that Array.from takes for an array of one or two numbers. */
function copied(from: ArrayLike<number>): number[] {
  const to: number[] = [];
  for (let i = 0; i < from.length; i++) to.push(from[i]);
  return to;
}

/** The gradients of a surface, also where it overflows: a line search looks there before it comes back. */
export const gradientsOf =
  (landscape: Landscape): Gradients =>
  (at, step, out) => {
    const loss = landscape.evaluator.gradient(at, out);
    if (landscape.noisyGrad && Array.from(at).every(Number.isFinite)) landscape.noisyGrad(at, step, out);
    return loss;
  };
