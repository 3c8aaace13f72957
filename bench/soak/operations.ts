/** The operations of a soak. Each does the same on both sides of a world, which have to agree bit for bit. */
import type { Worker } from "node:worker_threads";
import * as t from "../../src/index.js";
import { difference, uniform } from "../../test/support/numbers.js";
import { ABORTED, Fault, type Side, type World } from "./world.js";

/** An operation; it returns false where its world is of no more use. */
type Operation = (world: World, workers: ReadonlySet<Worker>) => Promise<boolean> | boolean;

/** Some steps with the whole data as one batch; `inClosure` is called in each closure. */
function steps(world: World, side: Side, count: number, inClosure: () => void = () => {}): void {
  const { engine, model, opt } = side;
  const { x, y } = world.data;
  using inputs = engine.tensor([x.length, x[0].length], x.flat());
  using values = y instanceof Int32Array ? undefined : engine.tensor([y.length, y[0].length], y.flat());
  for (let i = 0; i < count; i++) {
    opt.step(() => {
      opt.zeroGrad();
      const { value, grad } = world.loss(model.forward(inputs), values ?? (y as Int32Array));
      model.backward(grad);
      inClosure();
      return value;
    });
  }
}

function run(world: World, { model, opt }: Side, more: object = {}): Promise<t.History> {
  const options = { loss: world.loss, epochs: 2, batchSize: 5, seed: 3, onNonFiniteLoss: "propagate" as const };
  return t.train(model, world.data, { ...options, optimizer: opt, ...more });
}

/** What must be refused in the closure of a step. */
const refusedInClosure: ((side: Side) => void)[] = [
  ({ opt }) => opt.dispose(),
  ({ opt }) => opt.step(() => 0),
  ({ opt }) => void opt.stateDict(),
  ({ model }) => model.dispose(),
  ({ engine }) => engine.dispose(),
];
/** Calls that are wrong whenever they are made. */
const wrong: ((side: Side) => void)[] = [
  ({ model, engine }) => {
    using wide = engine.tensor([1, 99]);
    model.forward(wide);
  },
  ({ opt }) => opt.loadStateDict({ optimizer: "none" } as never),
  ({ opt }) => Object.assign(opt.groups[0], { lr: Number.NaN }),
  ({ engine }) => void engine.tensor([0, 3]),
  ({ model }) => model.parameters()[0].dispose(),
  ({ model }) => void t.evaluate(model, { x: [[1]], y: [] }, { loss: t.mse }),
];
const one = <T>(world: World, of: readonly T[]): T => of[Math.floor(world.next() * of.length)];

const table: Record<string, Operation> = {
  steps: (world) => world.both((side) => steps(world, side, 5)),

  train: (world) => world.both((side) => run(world, side, { validation: 0.25 })),

  /** A run that is aborted and resumed ends as one that is not. */
  async resume(world) {
    const at = 1 + Math.floor(world.next() * 4);
    const [whole, wholeReference] = world.fresh();
    const broken = world.fresh();
    const resumed = world.fresh();
    const all = [whole, wholeReference, ...broken, ...resumed];
    const saved = new Map<Side, Uint8Array>();
    const sides = { whole: [whole, wholeReference], broken, resumed } as const;
    try {
      if (!(await world.both((side) => run(world, side), sides.whole as [Side, Side]))) return false;
      const good = await world.both((side) => {
        const abort = new AbortController();
        const onStep = ({ step }: t.StepReport) => step === at && abort.abort(ABORTED);
        const checkpoint = { save: (bytes: Uint8Array) => void saved.set(side, bytes) };
        return run(world, side, { onStep, checkpoint, signal: abort.signal });
      }, broken);
      if (!good) return false;
      const resume = (side: Side) => run(world, side, { resume: saved.get(broken[resumed.indexOf(side)]) });
      if (!(await world.both(resume, resumed))) return false;
      world.compare([resumed[0], wholeReference]);
    } finally {
      for (const { opt, model } of all) {
        opt.dispose();
        model.dispose();
      }
    }
    return true;
  },

  /** A checkpoint of one side goes into the other. */
  checkpoint: (world) =>
    world.both((side) => {
      const { model, opt } = side === world.tested ? world.reference : world.tested;
      t.loadCheckpoint(t.saveCheckpoint({ model, optimizer: opt }), { model: side.model, optimizer: side.opt });
    }),

  "a damaged checkpoint": (world) => {
    const { model, opt } = world.reference;
    const bytes = t.saveCheckpoint({ model, optimizer: opt });
    for (let i = 0; i < 3; i++) bytes[Math.floor(world.next() * bytes.length)] ^= 1 << Math.floor(world.next() * 8);
    return world.both((side) => void t.loadCheckpoint(bytes, { model: side.model, optimizer: side.opt }));
  },

  "a wrong call": (world) => world.both(one(world, wrong)),

  "a call in a closure": (world) => {
    const act = one(world, refusedInClosure);
    // NAG's way back from the look-ahead point rounds, on both sides alike.
    return world.both((side) => steps(world, side, 1, () => act(side)));
  },

  "a prediction": (world) => world.both((side) => void t.predict(side.model, world.data.x, { batchSize: 7 })),

  /** Tensors of all sizes until there is no more memory, each with its own numbers. */
  memory(world) {
    const { engine } = world.tested;
    const before = engine.bytesInUse;
    const live: t.Tensor[] = [];
    for (let i = 0; i < 60; i++) {
      try {
        const size = 1 + Math.floor(world.next() ** 3 * 2 ** 20);
        live.push(engine.tensor(size));
        live.at(-1)!.data.fill(i);
      } catch (error) {
        if (!/^out of memory: /.test((error as Error).message)) throw error;
      }
      if (live.length > 0 && world.next() < 0.4) live.splice(Math.floor(world.next() * live.length), 1)[0].dispose();
    }
    for (const tensor of live) {
      const [first] = tensor.data;
      if (tensor.data.some((x) => x !== first)) throw new Fault(`${world.title}: tensors overlap`);
      tensor.dispose();
    }
    if (engine.bytesInUse !== before) throw new Fault(`${world.title}: ${engine.bytesInUse - before} bytes leaked`);
    world.compare();
    return true;
  },

  "a product": (world) => {
    const [m, n, k] = Array.from({ length: 3 }, () => 1 + Math.floor(world.next() ** 2 * 80));
    const seed = Math.floor(world.next() * 1e6);
    const found: Float32Array[] = [];
    return world
      .both(({ engine }) => {
        using a = engine.tensor([m, k], uniform(m * k, seed));
        using b = engine.tensor([k, n], uniform(k * n, seed + 1));
        using c = engine.matmul(a, b);
        found.push(c.toArray());
      })
      .then((good) => {
        const differs = good && difference(found[0], found[1]);
        if (differs) throw new Fault(`${world.title}: product ${m} × ${n} × ${k}: ${differs}`);
        return good;
      });
  },

  /** Ends some worker, whichever engine it works for; while it is idle, nobody may notice. */
  "a lost worker": async (world, workers) => {
    const worker = one(world, [...workers]);
    if (worker === undefined || world.next() < 0.7) return true;
    await worker.terminate();
    return world.both((side) => steps(world, side, 1));
  },
};

export const operations = Object.entries(table);
