/** K-FAC as one optimizer among others: gradients, state, memory, labels, refusals, and the same bits everywhere. */
import { describe, expect, it } from "vitest";
import { relu } from "../../src/nn/activation.js";
import { softmaxCrossEntropy } from "../../src/nn/crossEntropy.js";
import { dense } from "../../src/nn/dense.js";
import { layerNorm } from "../../src/nn/layerNorm.js";
import { type Model, sequential } from "../../src/nn/sequential.js";
import { mse } from "../../src/nn/squaredError.js";
import { type KfacHyper, kfac } from "../../src/optim/kfac.js";
import { lookahead } from "../../src/optim/wrappers/lookahead.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/train/checkpoint.js";
import { train } from "../../src/train/train.js";
import { backends, helped, shared, threaded } from "../support/backends.js";
import { flat } from "../support/golden.js";
import { build, propagate, SETS, walk } from "../support/kfacScene.js";
import { firstDifference, uniform } from "../support/numbers.js";
import { everyRefusal } from "../support/outOfMemory.js";

const js = backends.find(({ name }) => name === "js")!;

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it.each(SETS)("leaves gradients as they are, and takes no memory after the first step: %s", (_, hyper) => {
    const engine = own();
    using model = build(engine);
    using opt = kfac(model, hyper);
    for (let t = 0; t < 4; t++) {
      using _x = propagate(model, t, hyper.loss);
      const before = model.parameters().map(({ grad }) => grad.slice());
      const bytes = engine.bytesInUse;
      opt.step();
      const after = model.parameters().map(({ grad }) => grad);
      expect(firstDifference(after, before)).toBeUndefined();
      if (t > 0) expect(engine.bytesInUse).toBe(bytes);
      opt.zeroGrad();
    }
    expect(opt.stepCount).toBe(4);
    expect(opt.report).toEqual({ damped: 0, failed: 0 });
    expect(flat(model.parameters()).every(Number.isFinite)).toBe(true);
  });

  it.each(SETS)("resumes with the bits of a run that never stopped: %s", (_, hyper) => {
    const engine = own();
    using whole = build(engine);
    using opt = kfac(whole, hyper);
    walk(whole, opt, 0, 5, hyper.loss);
    const bytes = saveCheckpoint({ model: whole, optimizer: opt });
    walk(whole, opt, 5, 11, hyper.loss);
    using second = build(engine);
    using resumed = kfac(second, { ...hyper, lr: 7 });
    loadCheckpoint(bytes, { model: second, optimizer: resumed });
    walk(second, resumed, 5, 11, hyper.loss);
    expect(flat(second.parameters())).toEqual(flat(whole.parameters()));
    expect(resumed.stateDict()).toEqual(opt.stateDict());
  });

  it("gives other layers the step of SGD, and frozen weights none", () => {
    const engine = own();
    using model = build(engine);
    const named = new Map(model.namedParameters());
    const [norm, frozen] = [named.get("1.weight")!, named.get("2.weight")!];
    using opt = kfac(model, { lr: 0.1, momentum: 0, weightDecay: 0.5 });
    frozen.requiresGrad = false;
    const still = frozen.toArray();
    using _x = propagate(model, 1);
    const want = [...norm.data].map((value, i) => value * (1 - 0.1 * 0.5) - 0.1 * norm.grad[i]);
    opt.step();
    for (const [i, value] of norm.data.entries()) expect(value).toBeCloseTo(want[i], 6);
    expect(frozen.toArray()).toEqual(still);
    frozen.requiresGrad = true;
    opt.step();
    expect(frozen.toArray()).not.toEqual(still);
  });

  // 400 draws: the mean's standard error is about 5 % of its largest element, measured 1 to 3 %.
  it.each(["softmaxCrossEntropy", "mse"] as const)("draws labels whose mean G is that of all labels: %s", (loss) => {
    const engine = own();
    using model = build(engine);
    const statistics = (hyper: Partial<KfacHyper>, steps: number): Float64Array[] => {
      using opt = kfac(model, { lr: 0, momentum: 0, statDecay: 0.9999999, loss, ...hyper });
      for (let t = 0; t < steps; t++) {
        using _x = propagate(model, 1, loss);
        opt.step(undefined, { zeroGrad: true });
      }
      return opt.stateDict().groups[0].params.flatMap(({ outputFactor: g }) => (g ? [g as Float64Array] : []));
    };
    const drawn = statistics({}, 400);
    const exact = statistics({ fisher: "exact" }, 1);
    expect(drawn).toHaveLength(4);
    for (const [l, g] of exact.entries()) {
      const most = Math.max(...g);
      for (const [i, value] of g.entries()) expect(Math.abs(drawn[l][i] - value)).toBeLessThan(0.1 * most);
    }
    // At the output, G of the mean of squares is its Hessian, 2 / outputs.
    if (loss === "mse")
      for (const [i, value] of exact[3].entries()) expect(value).toBeCloseTo(i % 4 === 0 ? 2 / 3 : 0, 6);
  });

  it("damps more where a factor is not positive definite, and counts it", () => {
    const engine = own();
    using model = sequential(engine, [dense(3, 2)]);
    using opt = kfac(model, { damping: 1e-25, klClip: null, fisher: "empirical" });
    // Inputs that are all alike: A has rank 1, and rounding of its f32 products makes it indefinite.
    using x = engine.tensor(
      [5, 3],
      Float32Array.from({ length: 15 }, (_, i) => 1e3 + 0.3 * (i % 3)),
    );
    const { grad } = softmaxCrossEntropy(model.forward(x), Int32Array.of(0, 1, 0, 1, 1));
    model.backward(grad);
    opt.step();
    expect(opt.report.damped).toBeGreaterThan(0);
    expect(flat(model.parameters()).every(Number.isFinite)).toBe(true);
    expect(opt.stateDict().groups[0].scalars).toEqual({ steps: 1, ...opt.report });
  });

  it("raises damping that is below the rounding of the eigenvalues, and counts it", () => {
    const engine = own();
    using model = build(engine);
    using opt = kfac(model, { inverse: "eigen", damping: 1e-30 });
    for (let t = 0; t < 5; t++) {
      using _x = propagate(model, t);
      opt.step(undefined, { zeroGrad: true });
    }
    expect(opt.report.damped).toBeGreaterThan(0);
    expect(flat(model.parameters()).every(Number.isFinite)).toBe(true);
    using usual = kfac(build(engine), { inverse: "eigen", damping: 1e-8 });
    expect(usual.report.damped).toBe(0);
  });

  it("takes no step along a product that overflows, and counts it", () => {
    const engine = own();
    for (const inverse of ["factored", "eigen"] as const) {
      using model = sequential(engine, [dense(3, 2), layerNorm(2)]);
      using opt = kfac(model, { inverse, damping: 1e-30, momentum: 0 });
      const before = model.parameters()[0].toArray();
      using x = engine.tensor([4, 3], uniform(12, 1));
      model.backward(softmaxCrossEntropy(model.forward(x), Int32Array.of(0, 1, 0, 1)).grad);
      model.parameters()[0].grad.set(uniform(6, 2, 1e36));
      opt.step();
      expect(opt.report.failed).toBe(1);
      expect(model.parameters()[0].toArray()).toEqual(before);
      expect(flat(model.parameters()).every(Number.isFinite)).toBe(true);
      // What is NaN before the product stays so.
      model.parameters()[0].grad.fill(Number.NaN);
      opt.step();
      expect(model.parameters()[0].data.some(Number.isNaN)).toBe(true);
    }
  });

  it("leaves out statistics that are not finite, and counts them", () => {
    const engine = own();
    for (const inverse of ["factored", "eigen"] as const) {
      using model = sequential(engine, [dense(3, 2)]);
      using opt = kfac(model, { inverse });
      const step = (scale: number) => {
        using x = engine.tensor([4, 3], uniform(12, 1, scale));
        model.backward(softmaxCrossEntropy(model.forward(x), Int32Array.of(0, 1, 0, 1)).grad);
        opt.step(undefined, { zeroGrad: true });
      };
      step(1);
      step(1e25); // its squares overflow f32
      expect(opt.report.failed).toBe(1);
      step(1);
      expect(flat(model.parameters()).every(Number.isFinite)).toBe(true);
    }
  });

  it("trains in the loop, and inside a wrapper", async () => {
    const engine = own();
    using model = sequential(engine, [dense(2, 16), relu(), dense(16, 2)], { seed: 1 });
    const x = uniform(128, 4);
    const y = Int32Array.from({ length: 64 }, (_, i) => (x[2 * i] * x[2 * i + 1] > 0 ? 1 : 0));
    using optimizer = lookahead(kfac(model, { lr: 0.1, damping: 0.01 }));
    const data = { x: engine.tensor([64, 2], x), y };
    const { epochs } = await train(model, data, {
      optimizer,
      loss: softmaxCrossEntropy,
      epochs: 20,
      batchSize: 16,
    });
    expect(epochs.at(-1)!.loss).toBeLessThan(0.5 * epochs[0].loss);
  });

  it("refuses what it cannot do", () => {
    const engine = own();
    using model = sequential(engine, [dense(2, 2)]);
    expect(() => kfac({} as Model)).toThrow("model: expected a model of sequential, got an Object");
    const one = sequential(engine, [dense(2, 1)]);
    const single = kfac(one);
    one.backward(mse(one.forward(engine.tensor([3, 2])), engine.tensor([3, 1], [1, 2, 3])).grad);
    const before = one.parameters().map((p) => p.toArray());
    expect(() => single.step()).toThrow('loss: expected "mse", or fisher "empirical", for a model with one output');
    expect(one.parameters().map((p) => p.toArray())).toEqual(before);
    single.dispose();
    expect(() => kfac(sequential(engine, [layerNorm(2)]))).toThrow("model: expected a model with a dense layer");
    expect(() => kfac(model, { damping: 0 })).toThrow("damping: expected a finite number > 0, got 0");
    expect(() => kfac(model, { klClip: -1 })).toThrow("klClip: expected a finite number > 0, got -1");
    expect(() => kfac(model, { fisher: "true" as never })).toThrow(
      'fisher: expected "sampled" or "exact" or "empirical"',
    );
    expect(() => kfac(model, { loss: softmaxCrossEntropy as never })).toThrow(
      'loss: expected the name "softmaxCrossEntropy" or "mse", got a function',
    );
    expect(() => kfac(model, { statDecay: 1 })).toThrow("statDecay: expected a number in [0, 1), got 1");
    expect(() => kfac(model, { preconditionFrequency: 0 })).toThrow(
      "preconditionFrequency: expected a whole number ≥ 1, got 0",
    );
    expect(() => kfac(model, { seed: 0.5 })).toThrow("seed: expected a whole number, got 0.5");
    expect(() => kfac(model, { learningRate: 1 } as never)).toThrow("kfac: expected options among lr, damping");
    const opt = kfac(model);
    expect(() => kfac(model)).toThrow("model: expected one that no other optimizer observes");
    expect(() => opt.addParamGroup({ params: [engine.tensor(1)] })).toThrow(
      "expected the parameters of the model alone",
    );
    const none = "kfac: expected a forward and a backward pass of its model before the step, got none";
    expect(() => opt.step()).toThrow(none);
    const x = engine.tensor([3, 2], uniform(6, 1));
    const { grad } = softmaxCrossEntropy(model.forward(x), Int32Array.of(0, 1, 1));
    model.backward(grad);
    model.forward(x);
    expect(() => opt.step()).toThrow(none);
    model.backward(softmaxCrossEntropy(model.forward(x), Int32Array.of(0, 1, 1)).grad);
    x.dispose();
    expect(() => opt.step()).toThrow("disposed");
    expect(opt.stepCount).toBe(0);
    opt.dispose();
    opt.dispose();
    expect(() => opt.step()).toThrow("disposed");
    kfac(model).dispose();
  });

  it("is disposed of after its model as well as before", () => {
    const engine = own();
    const model = sequential(engine, [dense(2, 2)]);
    const opt = kfac(model);
    model.dispose();
    opt.dispose();
    expect(() => kfac(model)).toThrow("expected a live tensor, got one that has been disposed");
  });
});

describe.each(SETS)("the same bits on every backend and number of threads: %s", (_, hyper) => {
  it("in strict mode", async () => {
    const rows = [...backends.filter(({ exact }) => exact), threaded(2), threaded(4)];
    const runs: (Float32Array | Float64Array)[][] = [];
    for (const row of rows) {
      using engine = await row.create();
      using model = build(engine);
      using opt = kfac(model, hyper);
      walk(model, opt, 0, 8, hyper.loss);
      if (engine.threads > 1) expect(helped(engine)).toBeGreaterThan(0);
      const { params } = opt.stateDict().groups[0];
      runs.push([...model.parameters().map((p) => p.toArray()), ...params.flatMap((slots) => Object.values(slots))]);
    }
    for (const run of runs) expect(firstDifference(run, runs[0])).toBeUndefined();
  });
});

// On js alone: what it asks for is the same on every backend.
it("finds no memory for its first step: changes nothing, and steps once there is", async () => {
  for (const hyper of [SETS[0][1], SETS[3][1]]) {
    const requests = await everyRefusal(js, (engine) => {
      const model = build(engine);
      const opt = kfac(model, hyper);
      propagate(model, 1);
      const values = () => model.parameters().flatMap(({ data, grad }) => [data, grad]);
      return { act: () => void opt.step(), state: () => [values(), opt.stepCount, opt.report] };
    });
    expect(requests).toBeGreaterThan(10);
  }
});
