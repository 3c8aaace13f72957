/**
 * Steps until the loss over all 3,823 training digits is at most 0.05, network 64-64-10, standardised features: the median
 * of ten seeds for each optimizer and batch size, and the time of a step.
 *
 *   npx tsx bench/digits/steps.ts [-- name …]
 */
import { readFileSync } from "node:fs";
import {
  createEngine,
  dense,
  kfac,
  type Model,
  muonWith,
  type Optimizer,
  relu,
  sequential,
  sgd,
  softmaxCrossEntropy,
} from "../../src/index.js";
import { random } from "../../src/random.js";

const TARGET = 0.05;
const INIT = "heNormal";
const SEEDS = 10;
const MOST: Record<number, number> = { 32: 600, 256: 200, 3823: 100 };

const text = readFileSync(new URL("../../test/data/digits/train.csv", import.meta.url), "utf8");
const table = text
  .trim()
  .split("\n")
  .map((line) => line.split(",").map(Number));
const rows = table.length;
const width = table[0]!.length - 1;
const labels = Int32Array.from(table.map((row) => row.at(-1)!));
const x = new Float32Array(rows * width);
for (let j = 0; j < width; j++) {
  const column = table.map((row) => row[j]!);
  const mean = column.reduce((sum, value) => sum + value, 0) / rows;
  const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  for (let i = 0; i < rows; i++) x[i * width + j] = (column[i]! - mean) * scale;
}

type Make = (model: Model, seed: number) => Optimizer;
/** The settings of ../shared/feasibility.md, by batch size. */
const RUNS: Record<string, Record<number, Make>> = {
  "sgd 0.9": {
    32: (m) => sgd(m.parameters(), { lr: 0.05, momentum: 0.9 }),
    256: (m) => sgd(m.parameters(), { lr: 0.3, momentum: 0.9 }),
    3823: (m) => sgd(m.parameters(), { lr: 1.5, momentum: 0.9 }),
  },
  "sgd 0.8": {
    32: (m) => sgd(m.parameters(), { lr: 0.1, momentum: 0.8 }),
    256: (m) => sgd(m.parameters(), { lr: 0.5, momentum: 0.8 }),
    3823: (m) => sgd(m.parameters(), { lr: 2, momentum: 0.8 }),
  },
  kfac: {
    32: (m, seed) => kfac(m, { lr: 0.03, damping: 0.1, momentum: 0.9, statDecay: 0.99, klClip: 1e-3, seed }),
    256: (m, seed) => kfac(m, { lr: 0.3, damping: 0.01, momentum: 0, statDecay: 0.99, klClip: 0.1, seed }),
    3823: (m, seed) => kfac(m, { lr: 0.3, damping: 0.001, momentum: 0, klClip: null, seed }),
  },
  "kfac, inverses every 10": {
    32: (m, seed) =>
      kfac(m, { lr: 0.03, damping: 0.1, momentum: 0.9, statDecay: 0.99, klClip: 1e-3, inverseEvery: 10, seed }),
    256: (m, seed) =>
      kfac(m, { lr: 0.3, damping: 0.01, momentum: 0, statDecay: 0.99, klClip: 0.1, inverseEvery: 10, seed }),
    3823: (m, seed) => kfac(m, { lr: 0.3, damping: 0.001, momentum: 0, klClip: null, inverseEvery: 10, seed }),
  },
  "muon, adamw on biases": {
    32: (m) => muonWith(m.namedParameters(), { muon: { lr: 0.02, weightDecay: 0 }, adamw: { lr: 0.01 } }),
    256: (m) => muonWith(m.namedParameters(), { muon: { lr: 0.05, weightDecay: 0 }, adamw: { lr: 0.03 } }),
    3823: (m) => muonWith(m.namedParameters(), { muon: { lr: 0.2, weightDecay: 0 }, adamw: { lr: 0.05 } }),
  },
};

const engine = await createEngine();
const all = engine.tensor([rows, width], x);
const chosen = process.argv.slice(2);
const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

/** Steps to the target, or more than were allowed; and milliseconds a step, without the evaluation. */
function race(make: Make, batch: number, seed: number): [steps: number, ms: number] {
  using model = sequential(engine, [dense(64, 64, { init: INIT }), relu(), dense(64, 10, { init: INIT })], { seed });
  using opt = make(model, seed);
  using input = engine.tensor([batch, width]);
  const own = new Int32Array(batch);
  const generator = random(1000 + seed);
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  let [at, spent] = [rows, 0];
  for (let step = 1; step <= MOST[batch]!; step++) {
    if (at + batch > rows) {
      generator.shuffle(order);
      at = 0;
    }
    for (let i = 0; i < batch; i++) {
      const row = order[at + i]!;
      input.data.set(x.subarray(row * width, (row + 1) * width), i * width);
      own[i] = labels[row]!;
    }
    at += batch;
    const start = performance.now();
    const { grad } = softmaxCrossEntropy(model.forward(input), own);
    model.backward(grad, { inputGrad: false });
    opt.step(undefined, { zeroGrad: true });
    spent += performance.now() - start;
    const { value } = softmaxCrossEntropy(model.forward(all), labels);
    if (value <= TARGET) return [step, spent / step];
    if (!Number.isFinite(value)) break;
  }
  return [Number.POSITIVE_INFINITY, spent / MOST[batch]!];
}

console.log(`Node ${process.version}, ${engine.reason}`);
for (const [name, batches] of Object.entries(RUNS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  for (const [batch, make] of Object.entries(batches)) {
    const found = Array.from({ length: SEEDS }, (_, seed) => race(make, Number(batch), seed + 1));
    const steps = found.map(([count]) => count);
    const ms = median(found.map(([, time]) => time));
    console.log(
      `${name}, batch ${batch}: median ${median(steps)} steps (${steps.join(" ")}), ${ms.toFixed(2)} ms a step`,
    );
  }
}
engine.dispose();
