/**
 * Large batches: test accuracy after 30 epochs (10 % warm-up, then linear to 0) in batches of 32, and of all rows with the
 * rate scaled by the square root of the batch, in proportion to it, or tuned anew. Rates are picked on a fifth of the
 * training rows; the test rows are looked at once.
 */
import { createEngine } from "../../src/engine/create.js";
import type { Engine } from "../../src/engine/engine.js";
import {
  adam,
  adamw,
  batches,
  lamb,
  lars,
  layerGroups,
  type Model,
  type Optimizer,
  type Schedule,
  schedules,
  sgd,
  softmaxCrossEntropy,
} from "../../src/index.js";
import { greatest } from "../../src/math/extremes.js";
import { type Digits, digits, divided } from "./data.js";
import { accuracy, network } from "./trial.js";

const EPOCHS = 30;
const SMALL = 32;
const PICKED_ON = [101, 102, 103];
const SEEDS = [1, 2, 3, 4, 5];

interface Entry {
  name: string;
  make(model: Model, lr: Schedule): Optimizer;
  /** Rates for batches of 32, and for all rows. */
  rates: readonly [small: readonly number[], large: readonly number[]];
}

/** A schedule times a factor. */
const scaled =
  (rate: Schedule, factor: number): Schedule =>
  (t) =>
    factor * rate(t);

const entries: Entry[] = [
  {
    name: "SGD, momentum 0.9",
    make: (model, lr) => sgd(model.parameters(), { lr, momentum: 0.9 }),
    rates: [
      [0.01, 0.02, 0.03, 0.05, 0.1],
      [0.3, 0.5, 1, 1.5, 2, 3],
    ],
  },
  {
    name: "Adam",
    make: (model, lr) => adam(model.parameters(), { lr }),
    rates: [
      [0.001, 0.002, 0.004, 0.007, 0.01],
      [0.01, 0.02, 0.03, 0.05, 0.1],
    ],
  },
  {
    name: "AdamW, decay 0.01",
    make: (model, lr) => adamw(model.parameters(), { lr, weightDecay: 0.01 }),
    rates: [
      [0.001, 0.002, 0.004, 0.007, 0.01],
      [0.01, 0.02, 0.03, 0.05, 0.1],
    ],
  },
  {
    name: "LAMB, decay 0.01, vectors without ratio",
    make: (model, lr) => lamb(layerGroups(model.namedParameters(), 0.01), { lr }),
    rates: [
      [0.002, 0.005, 0.01, 0.02, 0.03],
      [0.01, 0.02, 0.05, 0.1, 0.2],
    ],
  },
  {
    name: "LARS, vectors without ratio and at a hundredth of the rate",
    make: (model, lr) => {
      const [weights, vectors] = layerGroups(model.namedParameters(), 1e-4);
      return lars([weights!, { ...vectors!, lr: scaled(lr, 0.01) }], { lr, trustCoefficient: 0.01 });
    },
    rates: [
      [0.3, 0.5, 1, 2, 3],
      [3, 5, 10, 20, 30],
    ],
  },
  {
    name: "LARS on every tensor",
    make: (model, lr) => lars(model.parameters(), { lr, weightDecay: 1e-4, trustCoefficient: 0.01 }),
    rates: [
      [0.3, 0.5, 1, 2, 3],
      [3, 5, 10, 20, 30],
    ],
  },
];

interface Run {
  train: Digits;
  test: Digits;
  batchSize: number;
  lr: number;
  seed: number;
}

/** The share of `test` that is right after training on `train`. */
function trained(engine: Engine, { make }: Entry, { train, test, batchSize, lr, seed }: Run): number {
  const steps = EPOCHS * Math.ceil(train.rows / batchSize);
  const warmup = Math.round(steps / 10);
  const rate = schedules.warmup(warmup, schedules.linear(lr, { steps: steps - warmup }));
  using model = network(engine, seed);
  using rows = engine.tensor([train.rows, 64], train.x);
  using loader = batches(engine, { x: rows, y: train.y }, { batchSize, seed: 1000 + seed });
  using optimizer = make(model, rate);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const batch of loader) {
      const { grad } = softmaxCrossEntropy(model.forward(batch.x), batch.y as Int32Array);
      model.backward(grad, { inputGrad: false });
      optimizer.step(undefined, { zeroGrad: true });
    }
  }
  return accuracy(model, engine, test);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export async function benchLargeBatch(only: RegExp, say: (line: string) => void): Promise<void> {
  const engine = await createEngine();
  const { train, test } = digits();
  const [part, held] = divided(train, Math.round(0.8 * train.rows), 7);
  for (const entry of entries) {
    if (!only.test(entry.name)) continue;
    const best = (rates: readonly number[], batchSize: number): number => {
      const scores = rates.map((lr) =>
        mean(PICKED_ON.map((seed) => trained(engine, entry, { train: part, test: held, batchSize, lr, seed }))),
      );
      return rates[scores.indexOf(greatest(scores))]!;
    };
    const tested = (batchSize: number, lr: number): string => {
      const scores = SEEDS.map((seed) => trained(engine, entry, { train, test, batchSize, lr, seed }));
      return `${(100 * mean(scores)).toFixed(2)} (lr ${Number(lr.toPrecision(3))})`;
    };
    const small = best(entry.rates[0], SMALL);
    const growth = train.rows / SMALL;
    const cells = [
      tested(SMALL, small),
      tested(train.rows, small * Math.sqrt(growth)),
      tested(train.rows, small * growth),
      tested(train.rows, best(entry.rates[1], train.rows)),
    ];
    say(`| ${entry.name} | ${cells.join(" | ")} |`);
  }
  engine.dispose();
}
