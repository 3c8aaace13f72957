/** What tests of L-BFGS step on, and the options that they do it with. */
import type { Engine } from "../../src/engine/engine.js";
import { tanh } from "../../src/nn/activation.js";
import { dense } from "../../src/nn/dense.js";
import { sequential } from "../../src/nn/sequential.js";
import { mse } from "../../src/nn/squaredError.js";
import { uniform } from "./numbers.js";

/** A model, a tensor and an attached array under one loss: a regression, and a bowl around 1. */
export function scene(engine: Engine, seed = 1) {
  const model = sequential(engine, [dense(3, 5), tanh(), dense(5, 2)], { seed });
  const own = engine.tensor([2, 2], uniform(4, seed));
  const attached = engine.attach(uniform(5, seed + 1));
  const x = engine.tensor([6, 3], uniform(18, 3));
  const y = engine.tensor([6, 2], uniform(12, 4));
  const tensors = [...model.parameters(), own, attached];
  const closure = () => {
    for (const { grad } of model.parameters()) grad.fill(0);
    const loss = mse(model.forward(x), y);
    model.backward(loss.grad);
    let bowls = 0;
    for (const tensor of [own, attached]) {
      tensor.grad.set(tensor.data.map((value) => value - 1));
      for (const value of tensor.data) bowls += (value - 1) ** 2 / 2;
    }
    return loss.value + bowls;
  };
  return { model, own, attached, tensors, closure };
}
export const VARIANTS = {
  search: { maxIter: 5, historySize: 3 },
  "no search": { lr: 0.1, maxIter: 4, historySize: 3, lineSearchFn: null },
} as const;
export const variants = Object.entries(VARIANTS).map(([title, hyper]) => ({ title, hyper }));
