/**
 * Out of memory at every place where memory is asked for: each piece of work is run with its first request refused, then
 * with its second, and so on until it goes through. A refusal is a RangeError that names request, use and limit; it
 * leaves everything as it was, and the same work done again gives the same bits.
 */
import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import * as t from "../../src/index.js";
import { backends } from "../support/backends.js";
import { uniform } from "../support/numbers.js";
import { rows } from "../support/options.js";
import { everyRefusal, type Setup, values } from "../support/outOfMemory.js";

const { dense, relu, tanh, dropout, layerNorm, concat, mse, softmaxCrossEntropy } = t;
const layers = () => [
  dense(4, 6),
  layerNorm(6, { affine: false }),
  tanh(),
  concat([[dense(6, 3), relu()], [dense(6, 2)]]),
  dropout(0.2),
  dense(5, 3),
];
const ROWS = 7;
const input = (engine: Engine) => engine.tensor([ROWS, 4], uniform(ROWS * 4, 1));
const labels = Int32Array.of(0, 1, 2, 2, 1, 0, 1);
/** Two groups of parameters with gradients, of several shapes; one an array of the caller's. */
function parameters(engine: Engine): t.Tensor[] {
  const tensors = [
    engine.tensor(3, uniform(3, 1)),
    engine.tensor([4, 5], uniform(20, 2)),
    engine.attach(uniform(12, 3), { shape: [3, 4] }),
    engine.tensor([6, 2], uniform(12, 4)),
  ];
  for (const [i, tensor] of tensors.entries()) tensor.grad.set(uniform(tensor.size, 10 + i));
  return tensors;
}
const grouped = ([a, b, c, d]: t.Tensor[]) => [{ params: [a, b] }, { params: [c, d] }];

/** Slow weights of what is added, twice: arrays are padded to 16 numbers. */
const TWO_COPIES = 2 * 4 * (32 + 16 + 16);

const work: Record<string, Setup> = {
  "a tensor and its gradient": (engine) => ({
    act: () => {
      using made = engine.tensor([3, 5], uniform(15, 1));
      void made.grad;
    },
    state: () => engine.bytesInUse,
  }),
  "an attached array and its gradient": (engine) => {
    const opt = t.sgd([engine.attach(uniform(9, 1), { grad: uniform(9, 2) })], { momentum: 0.9 });
    return { act: () => opt.step(), state: () => [opt.groups[0].params[0].toArray(), opt.stateDict()] };
  },
  "a product": (engine) => {
    const a = engine.tensor([4, 4], uniform(16, 1));
    let c: t.Tensor | undefined;
    return {
      act() {
        c = engine.matmul(a, a);
      },
      state: () => c?.toArray() ?? null,
    };
  },
  "a model": (engine) => ({
    act: () => t.sequential(engine, layers(), { seed: 1 }).dispose(),
    state: () => engine.bytesInUse,
  }),
  "a forward pass": (engine) => {
    const model = t.sequential(engine, layers(), { seed: 1 });
    const x = input(engine);
    let y: Float32Array | undefined;
    return {
      act() {
        y = model.forward(x).toArray();
      },
      state: () => [values(model.parameters()), model.generatorState, y ?? null],
    };
  },
  "a backward pass": (engine) => {
    const model = t.sequential(engine, layers(), { seed: 1 });
    const gradOut = engine.tensor([ROWS, 3], uniform(ROWS * 3, 2));
    model.forward(input(engine));
    return { act: () => model.backward(gradOut), state: () => [values(model.parameters()), model.generatorState] };
  },
  "a backward pass that wants the gradient of the input after one that did not": (engine) => {
    const model = t.sequential(engine, layers(), { seed: 1 });
    const gradOut = engine.tensor([ROWS, 3], uniform(ROWS * 3, 2));
    model.forward(input(engine));
    model.backward(gradOut, { inputGrad: false });
    return { act: () => model.backward(gradOut), state: () => values(model.parameters()) };
  },
  "the first batches of a loader": (engine) => {
    const data = { x: input(engine), y: engine.tensor([ROWS, 1], uniform(ROWS, 2)) };
    const loader = t.batches(engine, data, { batchSize: 5, seed: 1 });
    const pass = loader[Symbol.iterator]();
    const seen: Float32Array[] = [];
    return {
      act() {
        const { x, y } = pass.next().value!;
        seen.push(x.toArray(), (y as t.Tensor).toArray());
      },
      state: () => [seen, loader.position()],
    };
  },
  "a loader of arrays": (engine) => ({
    act: () => t.batches(engine, { x: [[1], [2]], y: [[1], [2]] }, { batchSize: 2 }).dispose(),
    state: () => engine.bytesInUse,
  }),
  "evaluation and prediction": (engine) => {
    const model = t.sequential(engine, layers(), { seed: 1 });
    const x = Array.from({ length: ROWS }, (_, i) => uniform(4, i));
    const found: unknown[] = [];
    return {
      act() {
        const loss = softmaxCrossEntropy.with({ labelSmoothing: 0.1 });
        const evaluation = t.evaluate(model, { x, y: labels }, { loss, batchSize: 3 });
        found.push(evaluation, t.predict(model, x, { batchSize: 3 }));
      },
      state: () => [found, model.training, values(model.parameters())],
    };
  },
  "averages of weights": (engine) => {
    const params = parameters(engine);
    return {
      act() {
        using average = t.ema(params, { decay: 0.5 });
        average.update();
      },
      state: () => values(params),
    };
  },
  "the first step of lookahead": (engine) => {
    const params = parameters(engine);
    const opt = t.lookahead(t.adam(grouped(params)), { k: 1 });
    return { act: () => opt.step(), state: () => [values(params), opt.stateDict()] };
  },
  "parameters added to lookahead": (engine) => {
    const [a, ...params] = parameters(engine) as [t.Tensor, ...t.Tensor[]];
    const opt = t.lookahead(t.adam([a]));
    opt.step();
    return { act: () => opt.addParamGroup({ params }), state: () => [opt.groups.length, opt.stateDict()] };
  },
  "parameters added to lookahead around lookahead": (engine) => {
    const [a, ...params] = parameters(engine) as [t.Tensor, ...t.Tensor[]];
    const opt = t.lookahead(t.lookahead(t.adam([a])));
    opt.step();
    return {
      act: () => opt.addParamGroup({ params }),
      state: () => [opt.groups.length, opt.stateDict(), engine.bytesInUse - (opt.groups.length - 1) * TWO_COPIES],
    };
  },
  "the state of lookahead around adam": (engine) => {
    const params = parameters(engine);
    const saved = t.lookahead(t.adam(grouped(params)));
    saved.step();
    const state = saved.stateDict();
    saved.dispose();
    const opt = t.lookahead(t.adam(grouped(params), { lr: 0.123 }));
    let loaded = false;
    return {
      act() {
        opt.loadStateDict(state);
        loaded = true;
      },
      state: () => [values(params), opt.stateDict(), loaded || engine.bytesInUse],
    };
  },
  "the first step of sam": (engine) => {
    const params = parameters(engine);
    const opt = t.sam(t.adam(grouped(params)));
    return { act: () => opt.step(() => 0), state: () => [values(params), opt.stateDict()] };
  },
  "accumulated steps": (engine) => {
    const params = parameters(engine);
    const opt = t.accumulate(t.adam(grouped(params)), 1);
    return { act: () => opt.step(), state: () => [values(params), opt.stateDict()] };
  },
  "the state of accumulated gradients": (engine) => {
    const saved = t.accumulate(t.adam(parameters(engine)), 2);
    saved.step();
    const params = [
      engine.tensor(3),
      engine.tensor([4, 5]),
      engine.attach(new Float32Array(12)),
      engine.tensor([6, 2]),
    ];
    const opt = t.accumulate(t.adam(params), 2);
    const state = saved.stateDict();
    return { act: () => opt.loadStateDict(state), state: () => [values(params), opt.pending] };
  },
  "a step that centralises": (engine) => {
    const params = parameters(engine);
    const opt = t.adam(grouped(params), { centralize: true });
    return { act: () => opt.step(undefined, { clipNorm: 0.1 }), state: () => [values(params), opt.stateDict()] };
  },
  "centralised gradients": (engine) => {
    const params = parameters(engine);
    return { act: () => t.centralizeGrads(params), state: () => values(params) };
  },
  "clipping by units": (engine) => {
    const params = parameters(engine);
    return { act: () => t.adaptiveClipGrad(params, { clipRatio: 0.01 }), state: () => values(params) };
  },
  "the point of evaluation, with parameters that are new": (engine) => {
    const params = parameters(engine);
    const [first, second] = grouped(params) as [{ params: t.Tensor[] }, { params: t.Tensor[] }];
    const opt = t.scheduleFreeSgd([first], { lr: 0.1 });
    opt.step();
    opt.step();
    opt.addParamGroup(second);
    return {
      act: () => opt.eval(),
      state: () => [values(params), opt.stateDict().mode, opt.stateDict().groups[0]],
    };
  },
};

const losses: Record<string, [loss: t.Loss, classes?: true]> = {
  mse: [mse],
  huber: [t.huber],
  l1: [t.l1],
  binaryCrossEntropyWithLogits: [t.binaryCrossEntropyWithLogits],
  softmaxCrossEntropy: [softmaxCrossEntropy, true],
  "softmaxCrossEntropy of rows": [softmaxCrossEntropy],
  "softmaxCrossEntropy.with, classes": [softmaxCrossEntropy.with({ classWeights: [1, 2, 3] }), true],
  "softmaxCrossEntropy.with, rows": [softmaxCrossEntropy.with({ classWeights: [1, 2, 3] })],
};

const js = backends.find(({ name }) => name === "js")!;

describe.each(backends)("$name", (backend) => {
  it.each(Object.entries(work))("%s", async (_, setup) => {
    expect(await everyRefusal(backend, setup)).toBeGreaterThan(0);
  });

  it.each(Object.entries(losses))("%s", async (_, [loss, classes]) => {
    const setup: Setup = (engine) => {
      const prediction = engine.tensor([ROWS, 3], uniform(ROWS * 3, 1));
      const target = classes ? labels : engine.tensor([ROWS, 3], uniform(ROWS * 3, 2));
      let value: number | undefined;
      return {
        act() {
          ({ value } = loss(prediction, target));
        },
        state: () => [value, values([prediction])],
      };
    };
    expect(await everyRefusal(backend, setup)).toBeGreaterThan(0);
  });
});

// On js alone: what a rule asks for is the same on every backend, and an engine on js costs next to nothing.
it.each(rows)("the first step of $title, and its state", async ({ factory, hyper }) => {
  const step: Setup = (engine) => {
    const params = parameters(engine);
    const opt = factory(grouped(params), hyper);
    return { act: () => opt.step(() => 0), state: () => [values(params), opt.stateDict()] };
  };
  const { slots, hyper: defaults } = factory.rule;
  const stateless = Object.keys(slots({ ...defaults, ...hyper }, [4, 5])).length === 0;
  expect(await everyRefusal(js, step)).toBeGreaterThanOrEqual(stateless ? 0 : 2);
  const load: Setup = (engine) => {
    const params = parameters(engine);
    const saved = factory(grouped(params), hyper);
    saved.step(() => 0);
    const state = saved.stateDict();
    saved.dispose();
    const opt = factory(grouped(params), { ...hyper, lr: 0.123 });
    return { act: () => opt.loadStateDict(state), state: () => [values(params), opt.stateDict()] };
  };
  expect(await everyRefusal(js, load)).toBeGreaterThanOrEqual(stateless ? 0 : 2);
});
