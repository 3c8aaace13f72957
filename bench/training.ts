/**
 * One training step of an MLP, honestly: a fresh batch copied in, forward, the loss read as a number, backward, Adam;
 * over many distinct batches. As a multiple of the time that its products alone would take at the peak.
 */

import { adam, createEngine, dense, type Engine, relu, sequential, softmaxCrossEntropy } from "thalweg";
import { greatest } from "../src/math/extremes.js";
import { type Effort, measure, median, type Task } from "./harness.js";
import type { Peak } from "./limits.js";

export interface TrainingRow {
  name: string;
  /** Steps a second. */
  rate: number;
  overPeak: number;
  overJs: number;
}

const BATCHES = 100;

export const nets = [
  { widths: [64, 64, 10], batch: 32 },
  { widths: [784, 128, 10], batch: 128 },
  { widths: [784, 512, 256, 10], batch: 128 },
];

export async function benchTraining(best: Record<string, Peak>, effort: Effort): Promise<TrainingRow[]> {
  const engine = await createEngine({ backend: "wasm" });
  const js = await createEngine({ backend: "js" });
  const rows: TrainingRow[] = [];
  for (const { widths, batch } of nets) {
    const onWasm = step(engine, widths, batch);
    const tasks: Record<string, Task> = { wasm: onWasm };
    for (const [name, { task }] of Object.entries(best)) tasks[name] = task;
    for (let i = 0; i < 300; i++) onWasm();
    const times = await measure(tasks, effort);
    const slow = await measure({ wasm: onWasm, js: step(js, widths, batch) }, { ...effort, rounds: 3 });
    const flops = productFlops(widths, batch);
    const overPeak = times.wasm.map((t, i) => {
      const peak = greatest(Object.entries(best).map(([name, { flops }]) => flops / times[name][i]));
      return t / (flops / peak);
    });
    rows.push({
      name: `${widths.join("-")} ×${batch}`,
      rate: 1e3 / median(times.wasm),
      overPeak: median(overPeak),
      overJs: median(slow.js.map((t, i) => t / slow.wasm[i])),
    });
  }
  engine.dispose();
  return rows;
}

/** Forward, the weights' gradients, and the inputs' gradients but for the first layer's. */
export function productFlops(widths: readonly number[], batch: number): number {
  let flops = 0;
  for (let i = 1; i < widths.length; i++) flops += 2 * batch * widths[i - 1] * widths[i] * (i === 1 ? 2 : 3);
  return flops;
}

export function step(engine: Engine, widths: readonly number[], batch: number): Task {
  const layers = widths.slice(1).flatMap((width, i) => {
    const layer = dense(widths[i], width, { init: "heUniform" });
    return i + 2 < widths.length ? [layer, relu()] : [layer];
  });
  const model = sequential(engine, layers, { seed: 1 });
  const opt = adam(model.parameters());
  const x = engine.tensor([batch, widths[0]]);
  const batches = Array.from({ length: BATCHES }, (_, b) => ({
    values: Float32Array.from({ length: x.size }, (_, i) => Math.sin(i * 0.37 + b)),
    labels: Int32Array.from({ length: batch }, (_, i) => (i * 7 + b) % widths.at(-1)!),
  }));
  let at = 0;
  let total = 0;
  return () => {
    const { values, labels } = batches[at];
    at = (at + 1) % BATCHES;
    x.copyFrom(values);
    const { value, grad } = softmaxCrossEntropy(model.forward(x), labels);
    model.backward(grad, { inputGrad: false });
    opt.step(undefined, { zeroGrad: true });
    total += value;
    if (Number.isNaN(total)) throw new Error("the loss is NaN");
  };
}
