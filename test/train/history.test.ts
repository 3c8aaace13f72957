/** What checkpoints hold of a run's history, what that costs, and when they are saved. */
import { describe, expect, it, vi } from "vitest";
import {
  adam,
  type CheckpointOptions,
  createEngine,
  dense,
  type EpochReport,
  mse,
  readCheckpoint,
  sequential,
  softmaxCrossEntropy,
  type TrainOptions,
  train,
} from "../../src/index.js";
import { encodeCheckpoint } from "../../src/train/checkpoint.js";
import { packHistory, unpackHistory } from "../../src/train/history.js";
import { SaveTimes } from "../../src/train/saveTimes.js";

const engine = await createEngine({ backend: "js" });

const reportOf = (epoch: number, validation?: EpochReport["validation"]): EpochReport => ({
  epoch,
  steps: 3 * (epoch + 1),
  loss: 1 / (epoch + 3),
  seconds: epoch / 7,
  ...(validation && { validation }),
});

describe("a history as columns", () => {
  it("is restored whole, to the last bit, whatever was measured of each epoch", () => {
    const matrix = (n: number) => [
      [n, 2, 0],
      [0, 70_000, 1],
      [5, 0, 2 ** 31 - 1],
    ];
    const histories = [
      [],
      [0, 1, 2].map((epoch) => reportOf(epoch)),
      [0, 1].map((epoch) => reportOf(epoch, { loss: Number.NaN })),
      [0, 1].map((epoch) => reportOf(epoch, { loss: 0.1 + epoch, accuracy: 1 / 3 })),
      [0, 1].map((epoch) => reportOf(epoch, { loss: -0, accuracy: 1, confusion: matrix(epoch) })),
      [reportOf(0), reportOf(1, { loss: 1 }), reportOf(2, { loss: 2, accuracy: 0.5 }), reportOf(3)],
      [
        reportOf(0, { loss: 1, accuracy: 0, confusion: matrix(4) }),
        reportOf(1, { loss: 1, accuracy: 0, confusion: [[1, 0]].concat([[3, 4]]) }),
      ],
      [{ ...reportOf(0), loss: Number.POSITIVE_INFINITY, seconds: 5e-324 }],
    ];
    for (const history of histories) expect(unpackHistory(packHistory(history))).toEqual(history);
  });

  it("adds 24 bytes per epoch to a checkpoint, and nothing to its text", () => {
    using model = sequential(engine, [dense(2, 2)]);
    const sizeOf = (epochs: number) => {
      const history = packHistory(Array.from({ length: epochs }, (_, epoch) => reportOf(epoch)));
      return encodeCheckpoint({ model }, undefined, { history }).length;
    };
    expect(sizeOf(11_000) - sizeOf(10_000)).toBe(24_000);
  });

  it("of 150,000 epochs is resumed", async () => {
    using model = sequential(engine, [dense(1, 1)], { seed: 1 });
    using optimizer = adam(model.parameters());
    const data = { x: [[1], [2]], y: [[1], [2]] };
    let bytes: Uint8Array | undefined;
    const options = { optimizer, loss: mse, epochs: 1, batchSize: 2 };
    await train(model, data, { ...options, checkpoint: { save: (saved) => void (bytes = saved) } });
    const checkpoint = readCheckpoint(bytes!);
    const { batches } = checkpoint.state.run as { batches: { epoch: number } };
    batches.epoch = 150_000;
    const history = Array.from({ length: 150_000 }, (_, epoch) => ({ ...reportOf(epoch), steps: epoch + 1 }));
    Object.assign(checkpoint.state.run as object, { history: packHistory(history) });
    const { epochs } = await train(model, data, { ...options, epochs: 150_002, resume: checkpoint });
    expect(epochs).toHaveLength(150_002);
    expect(epochs.slice(0, 150_000)).toEqual(history);
    expect(epochs.at(-1)).toMatchObject({ epoch: 150_001, steps: 150_002 });
  });
});

describe("train()", () => {
  const x = Array.from({ length: 8 }, (_, i) => [i % 3, i % 2]);
  const data = { x, y: Int32Array.from(x, ([a]) => a % 2) };
  const run = async (options: Partial<TrainOptions>) => {
    using model = sequential(engine, [dense(2, 2)], { seed: 1 });
    using optimizer = adam(model.parameters());
    const all = { optimizer, loss: softmaxCrossEntropy, epochs: 6, batchSize: 4, validation: 0.5, ...options };
    return await train(model, data, all);
  };

  it("resumes with a whole history, of confusion matrices too, and from files that have its reports in JSON", async () => {
    const files: Uint8Array[] = [];
    const checkpoint: CheckpointOptions = { every: { epochs: 1 }, save: (bytes) => void files.push(bytes) };
    const whole = await run({ confusion: true, checkpoint });
    const without = ({ epochs }: { epochs: EpochReport[] }) => epochs.map(({ seconds, ...rest }) => rest);
    expect(whole.epochs[2].validation!.confusion).toHaveLength(2);
    const resumed = await run({ confusion: true, resume: files[3]! });
    expect(without(resumed)).toEqual(without(whole));
    expect(resumed.epochs.slice(0, 4)).toEqual(whole.epochs.slice(0, 4)); // with their seconds
    // As versions before wrote them.
    const old = readCheckpoint(files[3]!);
    const state = old.state.run as Record<string, unknown>;
    delete state.history;
    state.epochs = whole.epochs.slice(0, 4);
    expect(without(await run({ confusion: true, resume: old }))).toEqual(without(whole));
  });

  it("saves without a wish at a tenth of its time at most: first, last, and as often as that allows", async () => {
    let clock = 1000;
    const now = vi.spyOn(performance, "now").mockImplementation(() => clock);
    try {
      const saved: number[] = [];
      const checkpoint: CheckpointOptions = {
        async save(_, { epoch }) {
          await Promise.resolve();
          clock += 20;
          saved.push(epoch);
        },
      };
      const onEpoch = () => void (clock += 30);
      await run({ epochs: 20, checkpoint, onEpoch });
      // A save takes 20, an epoch 30: 180 are six epochs.
      expect(saved).toEqual([1, 7, 13, 19, 20]);
      saved.length = 0;
      await run({ epochs: 4, checkpoint: { ...checkpoint, every: { epochs: 1 } }, onEpoch });
      expect(saved).toEqual([1, 2, 3, 4]); // as told
    } finally {
      now.mockRestore();
    }
  });

  it("saves after each epoch where that takes no time", () => {
    const times = new SaveTimes({ save() {} });
    expect([times.due("epochs", 1), times.due("steps", 1), new SaveTimes(undefined).due("epochs", 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
