/** What checkpoints save, and which ones are refused. */
import { describe, expect, it } from "vitest";
import {
  adam,
  decodeSafetensors,
  dense,
  encodeSafetensors,
  loadCheckpoint,
  loadWeights,
  mse,
  readCheckpoint,
  relu,
  saveCheckpoint,
  saveWeights,
  sequential,
  sgd,
  softmaxCrossEntropy,
  train,
} from "../../src/index.js";
import { data, meanOf, x } from "../support/averaged.js";
import { backends } from "../support/backends.js";

describe.each(backends)("checkpoints on $name", ({ create }) => {
  it("hold numbers to the last bit, and the caller's own data", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(2, 2)], { seed: 1 });
    using optimizer = adam(model.parameters());
    for (const tensor of model.parameters()) tensor.grad.fill(0.3);
    optimizer.step();
    const extra = {
      numbers: [0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 2 ** 53 + 2],
      text: "Größe $",
      none: null,
      nested: [{ on: true }, []],
      array: Float64Array.of(Math.PI, Number.NaN, -0),
      "": Int32Array.of(-1),
      "state.optimizer": Float32Array.of(1),
    };
    const bytes = saveCheckpoint({ model, optimizer }, extra);
    using other = sequential(engine, [dense(2, 2)], { seed: 2 });
    using optimizer2 = adam(other.parameters());
    const got = loadCheckpoint(bytes, { model: other, optimizer: optimizer2 });
    expect(got).toEqual(extra);
    expect(Object.is((got as typeof extra).numbers[1], -0)).toBe(true);
    expect(optimizer2.stateDict()).toEqual(optimizer.stateDict());
    other.parameters().forEach((tensor, i) => void expect(tensor.data).toEqual(model.parameters()[i].data));
    const read = readCheckpoint(bytes);
    expect([...read.tensors.keys()].sort()).toEqual(["0.bias", "0.weight"]);
    expect(read.extra).toEqual(extra);
    // The weights alone can be loaded from it too, and its tensors have descriptive names.
    loadWeights(other, bytes);
    expect([...decodeSafetensors(bytes).tensors.keys()]).toContain("state.optimizer.groups.0.params.0.expAvg");
  });

  it("refuse another model, optimizer or file, naming the first difference, and change nothing", async () => {
    using engine = await create();
    const made = (width: number) => sequential(engine, [dense(2, width), relu(), dense(width, 2)], { seed: 5 });
    using model = made(3);
    using optimizer = adam(model.parameters());
    const good = saveCheckpoint({ model, optimizer });
    using wide = made(4);
    using wideOptimizer = adam(wide.parameters());
    using other = sgd(model.parameters());
    const mean = meanOf(model);
    const refused = (bytes: Uint8Array, into: object, message: RegExp) => {
      const before = [model, wide].map((one) => one.parameters().map((tensor) => tensor.toArray()));
      const states = [optimizer, wideOptimizer, other, mean].map((one) => one.stateDict());
      expect(() => loadCheckpoint(bytes, into as never)).toThrow(message);
      expect([model, wide].map((one) => one.parameters().map((tensor) => tensor.toArray()))).toEqual(before);
      expect([optimizer, wideOptimizer, other, mean].map((one) => one.stateDict())).toEqual(states);
    };
    refused(
      good,
      { model: wide, optimizer: wideOptimizer },
      /^checkpoint: expected tensor "0\.weight" of shape \[2, 4\], got shape \[2, 3\]$/,
    );
    refused(good, { model, optimizer: other }, /^state\.optimizer: expected "sgd", got "adam"$/);
    refused(good, { model, optimizer, stateful: { mean } }, /^checkpoint: expected the state of "mean", got none$/);
    refused(
      saveCheckpoint({ model }),
      { model, optimizer },
      /^checkpoint: expected the state of "optimizer", got none$/,
    );
    refused(saveWeights(model), { model }, /^bytes: expected a checkpoint, got a safetensors file of "weights"$/);
    refused(
      encodeSafetensors({}),
      { model },
      /^bytes: expected a checkpoint, got a safetensors file of "another format"$/,
    );
    refused(good.subarray(0, good.length - 1), { model }, /cut short/);
    const damaged = good.slice();
    damaged[good.length - 1] ^= 1;
    refused(damaged, { model }, /^bytes: expected checksum [0-9a-f]{8}, got [0-9a-f]{8}: the file is damaged$/);
    refused(good, { model, optimiser: optimizer }, /optimiser/);
    refused(good, {}, /^model: /);
    // A load that fails late is undone completely.
    for (const tensor of model.parameters()) tensor.grad.fill(1);
    optimizer.step();
    const before = mean.stateDict();
    mean.update();
    const both = saveCheckpoint({ model, optimizer, stateful: { first: mean, mean } });
    mean.loadStateDict(before);
    using fresh = adam(model.parameters());
    const late = {
      stateDict: () => 1,
      loadStateDict: () => {
        throw new Error("no");
      },
    };
    expect(() => loadCheckpoint(both, { model, optimizer: fresh, stateful: { first: mean, mean: late } })).toThrow(
      "no",
    );
    expect([fresh.stepCount, mean.stateDict()]).toEqual([0, before]);
    expect(() => saveCheckpoint({ model }, { f: () => 1 })).toThrow(
      /^state\.extra\.f: expected plain data, got a function$/,
    );
    expect(() => saveCheckpoint({ model }, { $tensor: "x" })).toThrow(/^state\.extra: /);
    expect(() => saveCheckpoint({ model }, new Map())).toThrow(/^state\.extra: expected plain data, got a Map$/);
  });

  it("of a run are refused by a run of another plan, with nothing changed", async () => {
    using engine = await create();
    const made = (width = 6) => sequential(engine, [dense(3, width), relu(), dense(width, 2)], { seed: 5 });
    using model = made();
    using optimizer = adam(model.parameters());
    let saved = new Uint8Array(0);
    const plan = { loss: softmaxCrossEntropy, epochs: 2, batchSize: 5, seed: 1, validation: 0.2 };
    const checkpoint = { every: { steps: 6 }, save: (bytes: Uint8Array<ArrayBuffer>) => void (saved = bytes) };
    const ats: object[] = [];
    await train(model, data, {
      ...plan,
      optimizer,
      checkpoint: {
        ...checkpoint,
        save(bytes, at) {
          ats.push(at);
          if (at.step === 6) checkpoint.save(bytes);
        },
      },
    });
    // 18 rows of 22: 4 steps per epoch. The last checkpoint is that of the end.
    expect(ats).toEqual([
      { epoch: 1, step: 6 },
      { epoch: 2, step: 8 },
    ]);
    const refused = async (options: object, message: RegExp, width?: number, rows = 22) => {
      using other = made(width);
      using own = adam(other.parameters());
      const before = other.parameters().map((tensor) => tensor.toArray());
      const some = { x: x.slice(0, rows), y: (data.y as Int32Array).slice(0, rows) };
      await expect(train(other, some, { ...plan, optimizer: own, resume: saved, ...options })).rejects.toThrow(message);
      expect(other.parameters().map((tensor) => tensor.toArray())).toEqual(before);
      expect(own.stepCount).toBe(0);
    };
    await refused({ seed: 2 }, /^resume: seed: expected 1, as in the checkpoint, got 2$/);
    await refused({ batchSize: 6 }, /^resume: batchSize: expected 5, as in the checkpoint, got 6$/);
    await refused({ validation: undefined }, /^resume: rows: expected 18, as in the checkpoint, got 22$/);
    await refused({}, /^resume: rows: expected 18, as in the checkpoint, got 17$/, undefined, 21);
    await refused({ epochs: 1 }, /^epochs: expected at least 2, for this checkpoint, got 1$/);
    await refused({}, /^checkpoint: expected tensor "0\.weight" of shape \[3, 7\], got shape \[3, 6\]$/, 7);
    await refused({ resume: saveCheckpoint({ model, optimizer }) }, /^resume: expected a checkpoint of train\(\), got/);
    await refused({ resume: saved.subarray(0, 99) }, /^bytes: expected a whole safetensors file/);
    await refused(
      { resume: "run.safetensors" },
      /^bytes: expected a Uint8Array or an ArrayBuffer, got "run\.safetensors"$/,
    );
  });

  it("are not overwritten by a run that diverges", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: (step) => (step === 2 ? 3e38 : 0.1) });
    const saved: number[] = [];
    let last = new Uint8Array(0);
    const before: Float32Array[] = [];
    const run = train(
      model,
      { x: [[1], [2], [3], [4]], y: [[1e3], [1e3], [1e3], [1e3]] },
      {
        optimizer,
        loss: mse,
        epochs: 5,
        batchSize: 2,
        checkpoint: {
          every: { steps: 1 },
          save(bytes, { step }) {
            saved.push(step);
            last = bytes;
          },
        },
        onStep: ({ step }) => void (step === 2 && before.push(model.parameters()[0].toArray())),
      },
    );
    // The third step goes far beyond f32: its parameters must not be saved.
    const message = /^training diverged at step 3 \(epoch 2\): it left -?Infinity in "0\.weight".*kept$/;
    await expect(run).rejects.toMatchObject({
      ...{ message: expect.stringMatching(message), step: 3, epoch: 1, loss: undefined, parameter: "0.weight" },
    });
    expect(saved).toEqual([1, 2]);
    loadCheckpoint(last, { model, optimizer });
    expect(model.parameters()[0].toArray()).toEqual(before[0]);
  });

  it("name the epoch of a step that diverges at its end", async () => {
    using engine = await create();
    using model = sequential(engine, [dense(1, 1, { init: "zeros" })]);
    using optimizer = sgd(model.parameters(), { lr: 3e38 });
    const data = { x: [[1], [2]], y: [[1e3], [1e3]] };
    const run = train(model, data, { optimizer, loss: mse, epochs: 5, batchSize: 2, checkpoint: { save() {} } });
    await expect(run).rejects.toMatchObject({ step: 1, epoch: 0, parameter: "0.weight" });
  });
});
