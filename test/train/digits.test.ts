import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  adamw,
  createEngine,
  dense,
  dropout,
  type Engine,
  evaluate,
  relu,
  schedules,
  sequential,
  softmaxCrossEntropy,
  train,
} from "../../src/index.js";
import { digits } from "../support/digits.js";

const EPOCHS = 60;
const BATCH = 16;

function data(engine: Engine, name: "train.csv" | "test.csv") {
  const rows = readFileSync(digits(name), "utf8").trimEnd().split("\n");
  const numbers = rows.map((row) => row.split(",").map(Number));
  const counts = Float32Array.from(
    numbers.flatMap((row) => row.slice(0, 64)),
    (count) => count / 16,
  );
  return { x: engine.tensor([rows.length, 64], counts), y: Int32Array.from(numbers, (row) => row[64]) };
}

// What PyTorch reaches with the same network, loss and epochs is 98.2 to 98.4 %. With these settings ten seeds gave
// 98.05 to 98.61 %, on average 98.32 %; half the learning rate at four times the batch (2e-3 at 64) gave 97.6 %.
it("reads the digits of other writers: 98 % as the mean of three seeds, with one hidden layer of 128", async () => {
  using engine = await createEngine();
  const [training, test] = [data(engine, "train.csv"), data(engine, "test.csv")];
  const steps = EPOCHS * Math.ceil(training.y.length / BATCH);
  const loss = softmaxCrossEntropy.with({ labelSmoothing: 0.1 });
  const before = process.cpuUsage();
  const accuracies: number[] = [];
  for (const seed of [1, 2, 3]) {
    const layers = [
      dense(64, 128, { init: "heUniform" }),
      relu(),
      dropout(0.3),
      dense(128, 10, { init: "glorotUniform" }),
    ];
    using model = sequential(engine, layers, { seed });
    using optimizer = adamw(model.parameters(), { lr: schedules.cosine(4e-3, { steps }), weightDecay: 0.01 });
    await train(model, training, { optimizer, loss, epochs: EPOCHS, batchSize: BATCH, seed });
    accuracies.push(evaluate(model, test, { loss }).accuracy!);
  }
  const { user, system } = process.cpuUsage(before);
  expect(accuracies.reduce((a, b) => a + b) / 3).toBeGreaterThanOrEqual(0.98);
  // CPU time of this process, some 4 s, because others may be busy too.
  expect((user + system) / 1e6).toBeLessThan(20);
});
