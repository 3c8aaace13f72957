/** State that no run has saved, in files that are sealed right: refused, and nothing has changed. */
import { describe, expect, it } from "vitest";
import {
  adam,
  createEngine,
  dense,
  type Model,
  mse,
  type Optimizer,
  readCheckpoint,
  sequential,
  train,
} from "../../src/index.js";

const engine = await createEngine({ backend: "js" });
const data = { x: [[0], [1], [2], [3], [4]], y: [[1], [3], [5], [7], [9]] };

interface Made {
  model: Model;
  // biome-ignore lint/suspicious/noExplicitAny: Adam's, as train takes any
  optimizer: Optimizer<any, any>;
}
function made(seed: number): Made {
  const model = sequential(engine, [dense(1, 2), dense(2, 1)], { seed });
  return { model, optimizer: adam(model.parameters()) };
}
const options = { loss: mse, epochs: 4, batchSize: 2, seed: 1, earlyStopping: { patience: 9 }, validation: 0.4 };
const { model, optimizer } = made(1);
const bytes: Uint8Array[] = [];
await train(model, data, {
  ...options,
  epochs: 2,
  optimizer,
  checkpoint: { save: async (saved) => void bytes.push(saved) },
});

/** All that a refused call must leave as it was. */
const stateOf = ({ model, optimizer }: Made) =>
  JSON.stringify([model.parameters().map((p) => [...p.data]), optimizer.stateDict(), model.generatorState]);

// biome-ignore lint/suspicious/noExplicitAny: made into what no type allows
type Change = (run: any) => void;
describe("train({ resume }) refuses", () => {
  it.each<[string, Change, RegExp]>([
    [
      "a generator of three",
      (run) => (run.batches.generator = [1, 2, 3]),
      /^resume\.batches\.generator: .*got \[1, 2, 3\]$/,
    ],
    ["a generator of fractions", (run) => (run.batches.generator = [1, 2, 3, 0.5]), /^resume\.batches\.generator: /],
    [
      "a batch past the end",
      (run) => (run.batches.batch = 99),
      /^resume\.batches\.batch: expected less than 2, got 99$/,
    ],
    ["an epoch below 0", (run) => (run.batches.epoch = -1), /^resume\.batches\.epoch: .*got -1$/],
    ["no history", (run) => (run.history = null), /^resume\.history: expected an array, got null$/],
    ["a history of nothing", (run) => (run.history = [null]), /^resume\.history\[0\]: expected an object, got null$/],
    ["a history without losses", (run) => delete run.history[0].loss, /^resume\.history\[0\]\.loss: .*got undefined$/],
    [
      "a history with losses of more epochs than steps",
      (run) => (run.history[0].loss = new Float64Array(2)),
      /^resume\.history\[0\]\.loss: expected 1 numbers, one per epoch, got a Float64Array of 2$/,
    ],
    [
      "no seconds",
      (run) => (run.history[0].seconds[0] = Number.NaN),
      /^resume\.history\[0\]\.seconds\[0\]: .*got NaN$/,
    ],
    [
      "steps of 1e300",
      (run) => (run.history[0].steps[0] = 1e300),
      /^resume\.history\[0\]\.steps\[0\]: expected a whole number, got 1e\+300$/,
    ],
    ["no validation", (run) => (run.history[0].validation = 0), /^resume\.history\[0\]\.validation: .*got 0$/],
    [
      "a matrix of no size",
      (run) => Object.assign(run.history[0].validation, { confusion: new Int32Array(4), classes: 1.5 }),
      /^resume\.history\[0\]\.validation\.confusion: /,
    ],
    ["no reports", (run) => (run.epochs = null), /^resume\.epochs: expected an array, got null$/],
    ["reports of nothing", (run) => (run.epochs = [null]), /^resume\.epochs\[0\]\.epoch: /],
    ["a sum of text", (run) => (run.total = "abc"), /^resume\.total: expected a number, got "abc"$/],
    ["no batches", (run) => (run.batches = null), /^resume\.batches: expected an object, got null$/],
    ["another kind of end", (run) => (run.over = 1), /^resume\.over: expected true or false, got 1$/],
    [
      "a best epoch of another model",
      (run) => (run.best.parameters = [new Float32Array(3)]),
      /^resume\.best\.parameters: /,
    ],
  ])("%s", async (_, change, message) => {
    const checkpoint = readCheckpoint(bytes[0]);
    change(checkpoint.state.run);
    const into = made(2);
    const before = stateOf(into);
    await expect(
      train(into.model, data, { ...options, optimizer: into.optimizer, resume: checkpoint as never }),
    ).rejects.toThrow(message);
    expect(stateOf(into)).toBe(before);
  });

  it("nothing of a checkpoint as it was saved", async () => {
    const into = made(2);
    const history = await train(into.model, data, { ...options, optimizer: into.optimizer, resume: bytes[0] });
    expect(history.epochs).toHaveLength(4);
  });
});

describe("loadStateDict refuses", () => {
  it.each<[string, Change, RegExp]>([
    [
      "a scalar that is NaN",
      (s) => (s.groups[0].scalars.beta1Power = Number.NaN),
      /^state\.groups\[0\]\.scalars\.beta1Power: .*got NaN$/,
    ],
    [
      "an infinite scalar",
      (s) => (s.groups[0].scalars.beta2Power = Number.POSITIVE_INFINITY),
      /^state\.groups\[0\]\.scalars\.beta2Power: /,
    ],
    [
      "scalars in a typed array",
      (s) => (s.groups[0].scalars = new Float32Array(2)),
      /^state\.groups\[0\]\.scalars: expected an object, got a Float32Array of 2$/,
    ],
    [
      "scalars of some parameters",
      (s) => (s.groups[0].paramScalars = [s.groups[0].scalars]),
      /^state\.groups\[0\]\.paramScalars: expected 4 parameters, got /,
    ],
    [
      "scalars of parameters that are no list",
      (s) => (s.groups[0].paramScalars = { 0: {} }),
      /^state\.groups\[0\]\.paramScalars: expected an array, got /,
    ],
    [
      "a hole in the scalars of parameters",
      (s) => (s.groups[0].paramScalars = new Array(4)),
      /^state\.groups\[0\]\.paramScalars\[0\]: expected an object, got undefined$/,
    ],
    [
      "a scalar of a parameter that is no number",
      (s) =>
        (s.groups[0].paramScalars = [0, 1, 2, 3].map((i) => ({
          ...s.groups[0].scalars,
          ...(i === 2 && { beta1Power: "1" }),
        }))),
      /^state\.groups\[0\]\.paramScalars\[2\]\.beta1Power: expected a finite number, got "1"$/,
    ],
    [
      "scalars that are inherited",
      (s) => (s.groups[0].scalars = Object.create(s.groups[0].scalars)),
      /^state\.groups\[0\]\.scalars\.beta1Power: expected a finite number, got undefined$/,
    ],
    ["a rate beyond f32", (s) => (s.groups[0].hyper.lr = 1e300), /^lr: expected a finite number ≥ 0, got 1e\+300$/],
    [
      "slots that are inherited",
      (s) => (s.groups[0].params[1] = JSON.parse('{"__proto__":{}}')),
      /^state\.groups\[0\]\.params\[1\]\.expAvg: expected a Float32Array, got undefined$/,
    ],
  ])("%s", (_, change, message) => {
    const into = made(2);
    for (const p of into.model.parameters()) p.grad.fill(1);
    into.optimizer.step();
    const saved = into.optimizer.stateDict();
    into.optimizer.step();
    const before = stateOf(into);
    change(saved);
    expect(() => into.optimizer.loadStateDict(saved)).toThrow(message);
    expect(stateOf(into)).toBe(before);
  });

  it("but an own __proto__ beside the slots does no harm", () => {
    const into = made(2);
    for (const p of into.model.parameters()) p.grad.fill(1);
    into.optimizer.step();
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    const saved = into.optimizer.stateDict() as any;
    Object.defineProperty(saved.groups[0].params[1], "__proto__", { value: new Float32Array(2), enumerable: true });
    const before = stateOf(into);
    into.optimizer.loadStateDict(saved);
    expect(stateOf(into)).toBe(before);
  });
});
