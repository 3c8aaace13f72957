/** Two runs of train() at once: refused on one model or one optimizer, independent on two. */
import { expect, it } from "vitest";
import { createEngine, dense, type Model, mse, type Optimizer, sequential, sgd, train } from "../../src/index.js";

const engine = await createEngine({ backend: "js" });
const data = { x: [[0], [1], [2], [3]], y: [[1], [3], [5], [7]] };
const made = () => sequential(engine, [dense(1, 1)], { seed: 1 });
const run = (model: Model, optimizer: Optimizer, signal?: AbortSignal) =>
  // onEpoch is awaited, so that runs take turns.
  train(model, data, {
    ...{ optimizer: optimizer as never, loss: mse, epochs: 3, batchSize: 2, seed: 1 },
    ...(signal && { signal }),
    onEpoch: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });

it("refuses a second run on a model or with an optimizer that is in training, and leaves the first alone", async () => {
  const alone = made();
  await run(alone, sgd(alone.parameters(), { lr: 0.01 }));
  const [model, other] = [made(), made()];
  const opt = sgd(model.parameters(), { lr: 0.01 });
  const first = run(model, opt);
  const message = "expected one that no other run of train() is training, got one that is in training";
  await expect(run(model, sgd(model.parameters()))).rejects.toThrow(`model: ${message}`);
  const both = sgd([...model.parameters(), ...other.parameters()]);
  await expect(run(other, both)).rejects.toThrow(`optimizer: ${message}`);
  await first;
  expect(model.parameters().map((p) => [...p.data])).toEqual(alone.parameters().map((p) => [...p.data]));
});

it("takes a model again once its run has ended, failed or been aborted", async () => {
  const model = made();
  const opt = sgd(model.parameters(), { lr: 0.01 });
  await expect(run(model, opt, AbortSignal.abort())).rejects.toThrow();
  await expect(train(model, { x: [[1]], y: [[1], [2]] }, { ...options, optimizer: opt })).rejects.toThrow(/^data\.y/);
  await run(model, opt);
  await Promise.all([made(), made()].map((one) => run(one, sgd(one.parameters(), { lr: 0.01 }))));
});

const options = { loss: mse, epochs: 1, batchSize: 2, seed: 1 };
