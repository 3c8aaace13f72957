/** A network of two inputs, two hidden units and one output, run forwards and backwards by the library. */
import { dense, type Engine, halfMse, sequential, sgd, sigmoid } from "../../../../index.js";

/** w₁₁ w₁₂ w₂₁ w₂₂ from inputs to hidden units, b₁ b₂, v₁ v₂ from hidden units to the output, c. */
export const FIRST = [0.5, -0.4, 0.3, 0.8, 0, 0, 0.7, -0.6, 0] as const;
export const NAMES = ["w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁", "b₂", "v₁", "v₂", "c"] as const;

export interface Passed {
  /** Activities of the hidden units and of the output. */
  readonly hidden: readonly number[];
  readonly output: number;
  readonly error: number;
  /** The error by each weight, in the order of {@link NAMES}. */
  readonly slopes: readonly number[];
  /** The error by what goes into each unit: the blame of the hidden units and of the output. */
  readonly blame: readonly number[];
}

/** Puts the weights into a network, in the order of {@link NAMES}. */
function fill(model: ReturnType<typeof sequential>, weights: readonly number[]): void {
  let at = 0;
  for (const tensor of model.parameters()) {
    tensor.data.set(weights.slice(at, at + tensor.size));
    at += tensor.size;
  }
}

/** The weights after a step of gradient descent, as the library takes it. */
export function stepped(
  engine: Engine,
  weights: readonly number[],
  inputs: readonly number[],
  target: number,
  lr: number,
): number[] {
  const model = sequential(engine, [dense(2, 2), sigmoid(), dense(2, 1), sigmoid()], { seed: 1 });
  const x = engine.tensor([1, 2], [...inputs]);
  const t = engine.tensor([1, 1], [target]);
  const optimizer = sgd(model.parameters(), { lr });
  try {
    fill(model, weights);
    model.backward(halfMse(model.forward(x), t).grad);
    optimizer.step();
    return model.parameters().flatMap((tensor) => [...tensor.data]);
  } finally {
    optimizer.dispose();
    model.dispose();
    x.dispose();
    t.dispose();
  }
}

/** The blame of a unit is the slope of the error by its bias, which the library computes with all others. */
export function pass(engine: Engine, weights: readonly number[], inputs: readonly number[], target: number): Passed {
  const model = sequential(engine, [dense(2, 2), sigmoid(), dense(2, 1), sigmoid()], { seed: 1 });
  const x = engine.tensor([1, 2], [...inputs]);
  const t = engine.tensor([1, 1], [target]);
  try {
    const parameters = model.parameters();
    fill(model, weights);
    model.keepActivations = true;
    const out = model.forward(x);
    const output = out.data[0];
    const { value, grad } = halfMse(out, t);
    model.backward(grad);
    const slopes = parameters.flatMap((tensor) => [...tensor.grad]);
    const reports = model.inspect();
    const hidden = [...(reports[1].output?.data ?? [])];
    return { hidden, output, error: value, slopes, blame: [slopes[4], slopes[5], slopes[8]] };
  } finally {
    model.dispose();
    x.dispose();
    t.dispose();
  }
}

/** One sigmoid unit with one input: its activity, the blame that reaches what goes into it, and that of its weight. */
export function unit(engine: Engine, into: number, input: number, target: number) {
  const model = sequential(engine, [dense(1, 1), sigmoid()], { seed: 1 });
  const x = engine.tensor([1, 1], [input]);
  const t = engine.tensor([1, 1], [target]);
  try {
    const [weight, bias] = model.parameters();
    weight.data[0] = 0;
    bias.data[0] = into;
    const out = model.forward(x);
    const y = out.data[0];
    const { value, grad } = halfMse(out, t);
    const slope = grad.data[0];
    model.backward(grad);
    return { y, error: value, slope, blame: bias.grad[0], weight: weight.grad[0] };
  } finally {
    model.dispose();
    x.dispose();
    t.dispose();
  }
}
