/** thalweg/tfjs: what it does to the program around it. Saved state, shared tensors, memory, late variables, refusals. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ThalwegTfOptimizer, tfOptimizer } from "../../src/adapters/tfjs/index.js";
import { createEngine } from "../../src/engine/create.js";
import type { Engine } from "../../src/engine/engine.js";
import { adam } from "../../src/optim/adam.js";
import { adamw } from "../../src/optim/adamw.js";
import { lbfgs } from "../../src/optim/lbfgs.js";
import { nag } from "../../src/optim/nag.js";
import { scheduleFreeAdamw } from "../../src/optim/scheduleFreeAdamw.js";
import { sgd } from "../../src/optim/sgd.js";
import { sophiaG } from "../../src/optim/sophiaG.js";
import { sam } from "../../src/optim/wrappers/sam.js";
import { difference, uniform } from "../support/numbers.js";
import { PATIENCE } from "../support/peers.js";

let library: typeof import("../support/tensorflow.js");
beforeAll(async () => {
  library = await import("../support/tensorflow.js");
}, PATIENCE);

describe.each([
  { name: "in place", backend: "wasm", own: false },
  { name: "by copies on wasm", backend: "wasm", own: true },
  { name: "by copies on cpu", backend: "cpu", own: false },
] as const)("$name", ({ backend, own }) => {
  let tf: (typeof library)["tf"];
  let variable: (typeof library)["variable"];
  let engine: Engine | undefined;
  beforeAll(async () => {
    ({ tf, variable } = library);
    await library.use(backend);
    if (own) engine = await createEngine();
  });
  afterAll(() => engine?.dispose());
  const options = () => (engine ? { engine } : {});

  /** One step along the gradient of numbers that depend on t alone. */
  function step(optimizer: { applyGradients(given: object): void }, variables: readonly Variable[], t: number): void {
    const named = variables.map((one, i) => ({
      name: one.name,
      tensor: tf.tensor(uniform(one.size, 10 * t + i), one.shape),
    }));
    optimizer.applyGradients(named);
    for (const { tensor } of named) tensor.dispose();
  }
  type Variable = { name: string; size: number; shape: number[]; dataSync(): Float32Array };
  const make = (): [Variable, Variable] => [variable(uniform(15, 1), [5, 3]), variable(uniform(3, 2))];
  const values = (variables: readonly Variable[]) => variables.map((one) => Float32Array.from(one.dataSync()));

  it("leaves what other tensors share as it is, and what dataSync gave", async () => {
    const variables = make();
    const optimizer = await tfOptimizer(tf, adam, { lr: 0.1 }, options());
    step(optimizer, variables, 1);
    const [clone, read] = [tf.clone(variables[0]), variables[0].dataSync()];
    const before = Float32Array.from(read);
    step(optimizer, variables, 2);
    expect(clone.dataSync()).toEqual(before);
    expect(read).toEqual(before);
    expect(variables[0].dataSync()).not.toEqual(before);
    optimizer.dispose();
    tf.dispose([clone, ...variables]);
  });

  it("steps on from what the program assigns", async () => {
    const [a, b] = [make(), make()];
    const [one, other] = [await tfOptimizer(tf, sgd, { lr: 0.1 }, options()), tf.train.sgd(0.1)];
    for (let t = 0; t < 4; t++) {
      for (const [w] of [a, b]) {
        const assigned = tf.tensor(uniform(15, 50 + t), [5, 3]);
        (w as unknown as { assign(value: object): void }).assign(assigned);
        assigned.dispose();
      }
      step(one, a, t);
      step(other, b, t);
      for (const [i, want] of values(b).entries())
        for (const [j, x] of values(a)[i].entries()) expect(x).toBeCloseTo(want[j], 6);
    }
    one.dispose();
    tf.dispose([...a, ...b]);
  });

  it("takes variables that come late, and leaves one without a gradient alone", async () => {
    const variables = make();
    const [w, b] = variables;
    const optimizer = await tfOptimizer(tf, adamw, { lr: 0.1, weightDecay: 0.1 }, options());
    const [, start] = values(variables);
    step(optimizer, [w], 1);
    expect(values([b])[0]).toEqual(start);
    step(optimizer, [w, b], 2);
    const [held] = values([w]);
    expect(values([b])[0]).not.toEqual(start);
    optimizer.applyGradients([
      { name: w.name, tensor: null },
      { name: b.name, tensor: tf.ones([3]) },
    ]);
    expect(values([w])[0]).toEqual(held);
    optimizer.dispose();
    tf.dispose(variables);
  });

  it("holds no tensor more after a step, and none of its own once disposed", async () => {
    const variables = make();
    const optimizer = await tfOptimizer(tf, adamw, {}, options());
    const tensors = tf.memory().numTensors;
    for (let t = 0; t < 3; t++) step(optimizer, variables, t);
    expect(tf.memory().numTensors).toBe(tensors);
    const used = engine?.bytesInUse;
    const [w] = values(variables);
    optimizer.dispose();
    optimizer.dispose();
    if (engine) expect(engine.bytesInUse).toBeLessThan(used!);
    expect(values(variables)[0]).toEqual(w);
    expect(() => step(optimizer, variables, 4)).toThrow("optimizer: expected a live optimizer, got one that has been");
    tf.dispose(variables);
  });

  it("saves and restores its state through a model, and goes on with the same bits", async () => {
    const { layers } = library;
    const optimizer = await tfOptimizer(tf, adamw, { lr: 0.01, betas: [0.8, 0.9] }, options());
    const model = layers.sequential();
    const kernelInitializer = layers.initializers.glorotUniform({ seed: 1 });
    model.add(layers.layers.dense({ units: 3, inputShape: [4], kernelInitializer }));
    model.compile({ optimizer, loss: "meanSquaredError" });
    const [x, y] = [tf.tensor2d(uniform(32, 1), [8, 4]), tf.tensor2d(uniform(24, 2), [8, 3])];
    const train = (one: { fit(...given: unknown[]): Promise<unknown> }) =>
      one.fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
    await train(model);
    let artifacts: object | undefined;
    await model.save(
      tf.io.withSaveHandler(async (given: object) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
      }),
      { includeOptimizer: true },
    );
    const loaded = await layers.loadLayersModel(tf.io.fromMemory(artifacts));
    expect(loaded.optimizer.getConfig()).toMatchObject({ lr: 0.01, betas: [0.8, 0.9], weightDecay: 0.01 });
    await train(model);
    await train(loaded);
    for (const [i, weights] of loaded.getWeights().entries())
      expect(difference(weights.dataSync(), model.getWeights()[i].dataSync())).toBeUndefined();
    expect(loaded.optimizer.iterations).toBe(12);
    optimizer.dispose();
    tf.dispose([x, y, model, loaded]);
  });

  it("hands its state to another by getWeights and setWeights, before or after that one's first step", async () => {
    for (const late of [false, true]) {
      const [a, b] = [make(), make()];
      const [first, second] = [await tfOptimizer(tf, adam, {}, options()), await tfOptimizer(tf, adam, {}, options())];
      expect(await first.getWeights()).toHaveLength(1);
      for (let t = 0; t < 3; t++) step(first, a, t);
      if (late) step(second, b, 9);
      const weights = await first.getWeights();
      await second.setWeights(weights);
      for (const [i, one] of a.entries()) (b[i] as unknown as { assign(value: object): void }).assign(tf.clone(one));
      for (let t = 3; t < 6; t++) {
        step(first, a, t);
        step(second, b, t);
      }
      expect(values(b)).toEqual(values(a));
      for (const one of [first, second]) one.dispose();
      tf.dispose([...a, ...b, ...weights.map(({ tensor }: { tensor: object }) => tensor)]);
    }
  });

  it("takes schedules, and another learning rate between two steps", async () => {
    const variables = make();
    const optimizer = await tfOptimizer(tf, sgd, { lr: (t: number) => 1 / (t + 1) }, options());
    expect(optimizer.learningRate).toBe(1);
    const moved = (): number => {
      const [before] = values(variables);
      const ones = tf.ones([5, 3]);
      optimizer.applyGradients({ [variables[0].name]: ones });
      ones.dispose();
      return before[0] - values(variables)[0][0];
    };
    expect(moved()).toBeCloseTo(1, 6);
    expect(moved()).toBeCloseTo(1 / 2, 6);
    optimizer.learningRate = 3;
    expect(moved()).toBeCloseTo(3, 5);
    expect(optimizer.learningRate).toBe(3);
    expect(() => (optimizer.learningRate = -1)).toThrow("lr: expected a finite number ≥ 0, got -1");
    optimizer.dispose();
    tf.dispose(variables);
  });

  it("minimizes by rules that evaluate the loss themselves, and by a wrapper", async () => {
    const target = tf.tensor2d(uniform(15, 7), [5, 3]);
    for (const [factory, hyper, steps] of [
      [lbfgs, {}, 10],
      [nag, { lr: 0.1 }, 100],
      [(groups: never, given: { lr: number }) => sam(sgd(groups, given), { rho: 1e-3 }), { lr: 0.2 }, 60],
    ] as const) {
      const w = variable(uniform(15, 1), [5, 3]);
      const loss = () => tf.sum(tf.square(tf.sub(w, target)));
      const optimizer = await tfOptimizer(tf, factory as unknown as typeof adam, hyper as object, options());
      let last = 0;
      for (let t = 0; t < steps; t++) [last] = optimizer.minimize(loss, true, [w]).dataSync();
      expect(last, String(factory)).toBeLessThan(1e-4);
      for (const [i, x] of w.dataSync().entries()) expect(x).toBeCloseTo(target.dataSync()[i], 2);
      optimizer.dispose();
      w.dispose();
    }
    target.dispose();
  });

  it("moves the variables of Schedule-Free to the point of evaluation and back", async () => {
    const variables = make();
    const optimizer = (await tfOptimizer(tf, scheduleFreeAdamw, { lr: 0.1 }, options())) as ThalwegTfOptimizer & {
      applyGradients(given: object): void;
      dispose(): void;
    };
    for (let t = 0; t < 4; t++) step(optimizer, variables, t);
    const [y] = values(variables);
    optimizer.eval();
    const [x] = values(variables);
    expect(x).not.toEqual(y);
    expect(() => step(optimizer, variables, 5)).toThrow("expected train() before step()");
    optimizer.train();
    for (const [i, value] of values(variables)[0].entries()) expect(value).toBeCloseTo(y[i], 5);
    optimizer.dispose();
    tf.dispose(variables);
  });

  it("refuses what it cannot step, and changes nothing", async () => {
    const variables = make();
    const [w] = variables;
    const optimizer = await tfOptimizer(tf, adam, {}, options());
    step(optimizer, variables, 1);
    const before = values(variables);
    const whole = tf.variable(tf.tensor1d([1, 2], "int32"));
    const refused: [given: object, message: string][] = [
      [{}, "gradients: expected a gradient of at least one variable, got []"],
      [{ nothing: tf.ones([3]) }, 'gradients: expected names of registered variables, got "nothing"'],
      [{ [w.name]: tf.ones([3, 5]) }, `the gradient of ${w.name}: expected shape [5,3], got [3, 5]`],
      [{ [whole.name]: tf.ones([2]) }, `${whole.name}: expected a variable of float32, got "int32"`],
    ];
    for (const [given, message] of refused) expect(() => optimizer.applyGradients(given)).toThrow(message);
    expect(values(variables)).toEqual(before);
    const lost = await tfOptimizer(tf, nag, {}, options());
    expect(() => step(lost, variables, 1)).toThrow("applyGradients: expected minimize(f) with nag");
    const make_ = (...given: unknown[]) => (tfOptimizer as (...all: unknown[]) => Promise<unknown>)(...given);
    await expect(make_(adam)).rejects.toThrow("tf: expected the namespace of TensorFlow.js");
    await expect(make_(tf, "adam")).rejects.toThrow(
      'factory: expected an optimizer\'s factory, such as adamw, got "adam"',
    );
    await expect(make_(tf, sophiaG)).rejects.toThrow("expected an optimizer that steps by gradients alone");
    await expect(make_(tf, adam, { lr: -1 }, options())).rejects.toThrow("lr: expected a finite number ≥ 0, got -1");
    await expect(make_(tf, adam, {}, { clip: 1 })).rejects.toThrow(
      'expected options among engine, clipNorm, got "clip"',
    );
    for (const one of [optimizer, lost]) one.dispose();
    tf.dispose([...variables, whole]);
  });
});

it("says so when the backend has changed since an optimizer in place was made", async () => {
  const { tf, use, variable } = library;
  await use("wasm");
  const optimizer = await tfOptimizer(tf, adam);
  await use("cpu");
  const w = variable([1]);
  expect(() => optimizer.applyGradients({ [w.name]: tf.ones([1]) })).toThrow(
    'optimizer: expected the backend "wasm", for which it was made: make one after tf.setBackend, got "cpu"',
  );
});
