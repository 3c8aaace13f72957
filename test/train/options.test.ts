/** Options of train() that change its steps: accumulation, closures, losses that are not finite, checkpoints. */
import { describe, expect, it } from "vitest";
import { DivergedError, dense, dropout, type Loss, mse, relu, sam, sequential, sgd, train } from "../../src/index.js";
import { backends } from "../support/backends.js";
import { counted } from "../support/counted.js";

describe.each(backends)("train on $name", ({ create }) => {
  it("gives optimizers that take gradients at several points a closure over the batch", async () => {
    using engine = await create();
    const data = {
      x: [
        [0.5, 1],
        [-1, 0.25],
        [2, -0.5],
      ],
      y: [[1], [2], [3]],
    };
    const network = () => sequential(engine, [dense(2, 3), relu(), dense(3, 1)], { seed: 4 });
    using trained = network();
    const losses: number[] = [];
    await train(trained, data, {
      ...{
        optimizer: sam(sgd(trained.parameters(), { lr: 0.05 })),
        loss: mse,
        epochs: 5,
        batchSize: 3,
        shuffle: false,
      },
      onStep: ({ loss }) => losses.push(loss),
    });
    using model = network();
    const optimizer = sam(sgd(model.parameters(), { lr: 0.05 }));
    const [x, y] = [engine.tensor([3, 2], data.x.flat()), engine.tensor([3, 1], data.y.flat())];
    const expected = losses.map(() =>
      optimizer.step(() => {
        optimizer.zeroGrad();
        const { value, grad } = mse(model.forward(x), y);
        model.backward(grad);
        return value;
      }),
    );
    expect(losses).toHaveLength(5);
    for (const [i, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[i]!, 12);
    for (const [i, p] of model.parameters().entries()) expect(trained.parameters()[i].data).toEqual(p.data);
    const all = { optimizer, loss: mse, epochs: 1, batchSize: 1 };
    await expect(train(model, data, { ...all, accumulate: 2 })).rejects.toThrow(
      "accumulate: expected 1 with sam, which takes gradients at several points, got 2",
    );
  });

  it("accumulates: k batches equal one of k times the size, and fewer at the end of an epoch are averaged by their number", async () => {
    using engine = await create();
    const run = async (options: object, n: number) => {
      using model = sequential(engine, [dense(1, 2), relu(), dense(2, 1)], { seed: 4 });
      using optimizer = sgd(model.parameters(), { lr: 0.01, momentum: 0.9 });
      const x = Array.from({ length: n }, (_, i) => [Math.sin(i)]);
      const y = x.map(([a]) => [2 * a - 1]);
      const rows: number[] = [];
      const reported: number[] = [];
      const history = await train(
        model,
        { x, y },
        {
          ...{ optimizer, loss: mse, epochs: 3, shuffle: false, batchSize: 1, ...options },
          onStep(step) {
            rows.push(step.rows);
            reported.push(step.loss);
            expect(step.steps).toBe(3 * Math.ceil(n / 6));
          },
        },
      );
      const parameters = model.parameters().flatMap((tensor) => [...tensor.data]);
      return { rows, reported, parameters, steps: optimizer.stepCount, losses: history.epochs.map(({ loss }) => loss) };
    };
    for (const n of [12, 16]) {
      const whole = await run({ batchSize: 6 }, n);
      const parts = await run({ batchSize: 2, accumulate: 3 }, n);
      expect([parts.rows, parts.steps]).toEqual([whole.rows, whole.steps]);
      expect(parts.rows).toEqual(Array.from({ length: 3 }, () => (n === 12 ? [6, 6] : [6, 6, 4])).flat());
      // The sums run in another order: only f32 rounding differs.
      whole.parameters.forEach((value, i) => void expect(parts.parameters[i]).toBeCloseTo(value, 5));
      whole.reported.forEach((value, i) => void expect(parts.reported[i]).toBeCloseTo(value, 5));
      whole.losses.forEach((value, i) => void expect(parts.losses[i]).toBeCloseTo(value, 5));
    }
  });

  it("ends in an error before the step whose loss is not finite, with the model as it was", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 2), dropout(0.5), dense(2, 1)], { seed: 1 });
    using optimizer = sgd(model.parameters(), { lr: 0.01 });
    const x = Array.from({ length: 7 }, (_, i) => [i]);
    const data = { x, y: x.map(() => [1]) };
    // Of finite data: NaN for the row whose input is 4.
    const loss: Loss = (output, target) => {
      const { value, grad } = mse(output, target);
      return { value: losses++ % 7 === 4 ? Number.NaN : value, grad };
    };
    let losses = 0;
    let before: unknown;
    const state = () => [
      model.parameters().map((tensor) => tensor.toArray()),
      model.generatorState,
      optimizer.stateDict(),
    ];
    const options = { optimizer, loss, epochs: 3, batchSize: 1, shuffle: false };
    const onStep = () => {
      before = state();
    };
    const message = /^training diverged at step 5 \(epoch 1\): the loss is NaN; .* The step was not taken$/;
    const end = await train(model, data, { ...options, onStep }).catch((error: unknown) => error);
    expect(end).toBeInstanceOf(DivergedError);
    expect(end).toMatchObject({
      message: expect.stringMatching(message),
      step: 5,
      epoch: 0,
      reason: "the loss is NaN",
    });
    expect(end).toMatchObject({ loss: Number.NaN, parameter: undefined });
    expect(optimizer.stepCount).toBe(4);
    expect(state()).toEqual(before);
    // Of batches 4 and 5 the first was fine: its gradient is discarded too.
    losses = 0;
    await expect(train(model, data, { ...options, accumulate: 3, onStep })).rejects.toThrow(/at step 2 \(epoch 1\)/);
    expect(state()).toEqual(before);
    for (const tensor of model.parameters()) expect([...tensor.grad].every((g) => g === 0)).toBe(true);
    losses = 0;
    const { epochs } = await train(model, data, { ...options, onNonFiniteLoss: "propagate", epochs: 1 });
    expect(epochs[0].loss).toBeNaN();
  });

  it("saves at the requested steps and epochs", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1)]);
    using optimizer = sgd(model.parameters(), { lr: 0.001 });
    const saves = async (every: object | undefined, o: object = {}) => {
      const ats: string[] = [];
      const checkpoint = {
        ...(every && { every }),
        save: async (_: unknown, at: object) => void ats.push(Object.values(at).join()),
      };
      await train(model, counted(6), {
        ...{ optimizer, loss: mse, epochs: 4, batchSize: 2, checkpoint: checkpoint as never },
        ...o,
      });
      return ats;
    };
    expect(await saves({ epochs: 1 })).toEqual(["1,3", "2,6", "3,9", "4,12"]);
    expect(await saves({ epochs: 3 })).toEqual(["3,9", "4,12"]);
    expect(await saves({ steps: 5 })).toEqual(["1,5", "3,10", "4,12"]);
    expect(await saves({ steps: 3 })).toEqual(["1,3", "2,6", "3,9", "4,12"]);
    const fails = { save: () => Promise.reject(new Error("disk full")) };
    await expect(saves(undefined, { checkpoint: fails })).rejects.toThrow("disk full");
  });
});
