/** One run of one optimizer on the digits: 64-64-10, relu, softmax cross-entropy. */
import type { Engine } from "../../src/engine/engine.js";
import {
  type Batch,
  batches,
  dense,
  type Model,
  type Optimizer,
  relu,
  sequential,
  softmaxCrossEntropy,
} from "../../src/index.js";
import type { Digits } from "./data.js";

/** An optimizer to train with; `before` is called with each batch, before its forward pass. */
export interface Trained {
  optimizer: Pick<Optimizer, "step" | "dispose">;
  before?(batch: Batch, step: number): void;
}

export type Make = (model: Model, seed: number) => Trained;

export interface StepsTo {
  steps: number;
  /** Of the steps alone, without the looks at the full loss. */
  milliseconds: number;
}

/** 64-64-10 with relu, from He's normal weights. */
export const network = (engine: Engine, seed: number): Model =>
  sequential(engine, [dense(64, 64, { init: "heNormal" }), relu(), dense(64, 10, { init: "heNormal" })], { seed });

/** Steps until the loss over all training rows is at most `target`; infinite where it is not within `most`. */
export function stepsTo(
  target: number,
  {
    engine,
    data,
    batchSize,
    seed,
    most,
  }: { engine: Engine; data: Digits; batchSize: number; seed: number; most: number },
  make: Make,
): StepsTo {
  using model = network(engine, seed);
  using whole = engine.tensor([data.rows, 64], data.x);
  const { optimizer, before } = make(model, seed);
  using loader = batches(engine, { x: whole, y: data.y }, { batchSize, seed: 1000 + seed });
  let [steps, milliseconds] = [0, 0];
  let reached = false;
  try {
    while (!reached && steps < most) {
      for (const batch of loader) {
        const start = performance.now();
        before?.(batch, steps);
        const { grad } = softmaxCrossEntropy(model.forward(batch.x), batch.y as Int32Array);
        model.backward(grad, { inputGrad: false });
        optimizer.step(undefined, { zeroGrad: true });
        milliseconds += performance.now() - start;
        steps++;
        const { value } = softmaxCrossEntropy(model.forward(whole), data.y);
        if (!Number.isFinite(value)) return { steps: Number.POSITIVE_INFINITY, milliseconds };
        reached = value <= target;
        if (reached || steps >= most) break;
      }
    }
  } finally {
    optimizer.dispose();
  }
  return { steps: reached ? steps : Number.POSITIVE_INFINITY, milliseconds };
}

/** The share of rows that the model has right. */
export function accuracy(model: Model, engine: Engine, { x, y, rows }: Digits): number {
  using all = engine.tensor([rows, 64], x);
  const outputs = model.forward(all).data;
  let right = 0;
  for (let i = 0; i < rows; i++) {
    let best = 0;
    for (let j = 1; j < 10; j++) if (outputs[10 * i + j]! > outputs[10 * i + best]!) best = j;
    if (best === y[i]) right++;
  }
  return right / rows;
}
