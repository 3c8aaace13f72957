/**
 * Out of memory at every place where memory is asked for: each piece of work is run with its first request refused, then
 * with its second, and so on until it goes through. A refusal is a RangeError that names request, use and limit; it
 * leaves everything as it was, and the same work done again comes to the same bits.
 */
import { describe, expect, it } from "vitest";
import type { Engine } from "../src/engine/engine.js";
import { outOfMemory, type Ref } from "../src/engine/kernel.js";
import * as t from "../src/index.js";
import { type BackendRow, backends, threaded } from "./support/backends.js";
import { difference, uniform } from "./support/numbers.js";
import { rows } from "./support/options.js";

/** Does something with the request number `refused` (from 0) for the engine's memory turned down. */
function refusing<T>(engine: Engine, refused: number, run: () => T): T {
  const memory = engine.memory as { allocate(length: number): Ref };
  const { allocate } = memory;
  let asked = 0;
  memory.allocate = (length) => {
    if (asked++ === refused) throw outOfMemory(length * 4, engine.bytesInUse, 4096);
    return allocate.call(memory, length);
  };
  try {
    return run();
  } finally {
    memory.allocate = allocate;
  }
}

/** A piece of work: what it does, and all numbers that it may change. */
interface Work {
  act(): unknown;
  state(): unknown;
}
type Setup = (engine: Engine) => Work;

/** Arrays in what `state` gives, one after another, and the rest as text. */
function plain(value: unknown): { arrays: Float32Array[]; text: string } {
  const arrays: Float32Array[] = [];
  const text = JSON.stringify(value, (_, part) => {
    if (!(part instanceof Float32Array)) return typeof part === "number" && !Number.isFinite(part) ? `${part}` : part;
    arrays.push(part.slice());
    return `array ${arrays.length} of ${part.length}`;
  });
  return { arrays, text };
}

function same(got: ReturnType<typeof plain>, want: ReturnType<typeof plain>, what: string): void {
  expect(got.text, what).toBe(want.text);
  for (const [i, array] of got.arrays.entries())
    expect(difference(array, want.arrays[i]!), `${what}: array ${i + 1}`).toBeUndefined();
}

/** Runs the work with each of its requests refused in turn, and to the end; returns how many there were. */
async function everyRefusal({ create }: BackendRow, setup: Setup): Promise<number> {
  using first = await create();
  const whole = setup(first);
  whole.act();
  const want = plain(whole.state());
  for (let refused = 0; ; refused++) {
    using engine = await create();
    const { act, state } = setup(engine);
    const before = plain(state());
    let error: unknown;
    try {
      refusing(engine, refused, act);
    } catch (thrown) {
      error = thrown;
    }
    if (error !== undefined) {
      expect(error).toBeInstanceOf(RangeError);
      expect((error as Error).message).toMatch(
        /^out of memory: a request of \S+ MiB with \S+ MiB in use .*and a limit of/,
      );
      same(plain(state()), before, `after refusal ${refused}`);
      act();
    }
    same(plain(state()), want, error === undefined ? "not refused" : `once more after refusal ${refused}`);
    expect(engine.bytesInUse).toBe(first.bytesInUse);
    if (error === undefined) return refused;
  }
}

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
/** Numbers and gradients; a gradient that is not there counts as zeros, which it is when it is made. */
const values = (tensors: readonly t.Tensor[]) =>
  tensors.map((p) => [p.toArray(), p.hasGradient ? p.grad.slice() : new Float32Array(p.size)]);

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
const grouped = ([a, b, c, d]: t.Tensor[]) => [{ params: [a!, b!] }, { params: [c!, d!] }];

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
    return { act: () => opt.step(), state: () => [opt.groups[0]!.params[0]!.toArray(), opt.stateDict()] };
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
    return { act: () => t.adaptiveClipGrad(params, { clipping: 0.01 }), state: () => values(params) };
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

const WORDS =
  /^out of memory: a request of \d+\.\d\d MiB with \d+\.\d\d MiB in use( \(\d+\.\d\d MiB with working memory and gaps\))? and a limit of \d+\.\d\d MiB$/;

// The working memory of products is the backend's own, and not refused above: here limits do that, rung by rung.
describe.each([...backends, threaded(2)])(
  "$name, under limits from too low for a model to enough for a step",
  (backend) => {
    it("each piece of a step is done whole or not at all, and the engine works on", async () => {
      const failed = new Set<string>();
      for (let limit = 0.0625; ; limit += 0.0625) {
        using engine = await backend.create({ maxMemoryMiB: limit });
        /** Runs a piece; when it is refused, all but what it made must be as before. */
        const piece = <T>(name: string, state: () => unknown, run: () => T): T | undefined => {
          const before = plain(state());
          try {
            return run();
          } catch (error) {
            expect(error, name).toBeInstanceOf(RangeError);
            expect((error as Error).message, name).toMatch(WORDS);
            same(plain(state()), before, `${name} with ${limit} MiB`);
            failed.add(name);
            return undefined;
          }
        };
        const bytes = () => engine.bytesInUse;
        const model = piece("model", bytes, () => t.sequential(engine, [dense(100, 80), relu(), dense(80, 60)]));
        if (model === undefined) continue;
        const all = () => [values(model.parameters()), model.generatorState];
        const x = piece("batch", bytes, () => engine.tensor([150, 100], uniform(150 * 100, 1)));
        const y = x && piece("forward", all, () => model.forward(x));
        const loss = y && piece("loss", all, () => mse(y, y));
        const done = loss && piece("backward", all, () => model.backward(loss.grad) !== undefined);
        using opt = t.adam(model.parameters());
        const stepped =
          done &&
          piece(
            "step",
            () => [all(), opt.stateDict()],
            () => opt.step() === undefined,
          );
        opt.dispose();
        model.dispose();
        x?.dispose();
        expect(engine.bytesInUse).toBe(0);
        const c = engine.matmul(engine.tensor([2, 2], [1, 2, 3, 4]), engine.tensor([2, 2], [5, 6, 7, 8]));
        expect([...c.data]).toEqual([19, 22, 43, 50]);
        if (stepped) break;
      }
      for (const name of ["batch", "forward", "backward"]) expect([...failed]).toContain(name);
    });
  },
);

it.each([...backends, threaded(2)])(
  "$name: what is free again serves larger requests, up to the limit",
  async (backend) => {
    using engine = await backend.create({ maxMemoryMiB: 8 });
    const kept = engine.tensor(1000, uniform(1000, 1));
    for (let mib = 0.5; mib <= 7; mib += 0.5) {
      using grown = engine.tensor(mib * 2 ** 18);
      expect(grown.data.findIndex((x) => x !== 0)).toBe(-1);
      grown.data.fill(1);
    }
    expect(difference(kept.data, uniform(1000, 1))).toBeUndefined();
    expect(() => engine.tensor(8 * 2 ** 18)).toThrow(
      "out of memory: a request of 8.00 MiB with 0.00 MiB in use and a limit of 8.00 MiB",
    );
    expect(engine.bytesInUse).toBe(4000);
  },
);
