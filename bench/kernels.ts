/** Every update kernel of THE TABLE, ready to run as the steps of its rule run it; and what it costs at the least. */
import type { Engine } from "thalweg";
import { optimizers } from "thalweg/table";
import type { Task } from "./harness.js";
import { type Costs, costs } from "./workshop.js";

/** A kernel, and the optimizer and options whose steps run it. */
export interface Case {
  kernel: string;
  optimizer: string;
  hyper: object;
  costs: Costs;
}

interface AnyRule {
  hyper: object;
  kernels: object;
  checkShape?: unknown;
}
type Params = ReturnType<Engine["tensor"]>[];
interface Steps {
  step(closure: () => number): unknown;
  train(): void;
  eval(): void;
  dispose(): void;
}
const factories = Object.entries(optimizers) as unknown as [
  string,
  ((params: Params, hyper: object) => Steps) & { rule: AnyRule },
][];

/** Option sets that between them reach every kernel of a rule. */
async function variants(optimizer: string): Promise<object[]> {
  const { trials } = await import(`../dist/optim/${optimizer}.js`);
  return Object.values(trials.variants);
}

/** All of them, in the order of THE TABLE, found by taking steps under each variant of each rule. */
export async function cases(engine: Engine): Promise<Case[]> {
  const found: Case[] = [];
  for (const [optimizer, { rule }] of factories) {
    const missing = new Set(Object.keys(rule.kernels).filter((name) => !found.some(({ kernel }) => kernel === name)));
    for (const hyper of await variants(optimizer)) {
      for (const kernel of record(engine, optimizer, hyper, 64).tasks.keys()) {
        if (missing.delete(kernel)) found.push({ kernel, optimizer, hyper, costs: await costs(kernel) });
      }
    }
    if (missing.size > 0) throw new Error(`no variant of ${optimizer} runs ${[...missing].join(", ")}`);
  }
  return found;
}

const COLUMNS = 8;
const STEPS = 10;

/** The last call of every update kernel in ten steps over n parameters, to be made again; and its scalars. */
export function record(engine: Engine, optimizer: string, hyper: object, n: number) {
  const factory = factories.find(([name]) => name === optimizer)![1];
  const tasks = new Map<string, Task>();
  const scalars = new Map<string, Float32Array>();
  const held: { dispose(): void }[] = [];
  const restore = listen(engine, tasks, scalars);
  // AdamP and its like project the steps of matrices alone, where gradients are at right angles to the weights.
  for (const shape of [...(factory.rule.checkShape ? [] : [[n]]), [n / COLUMNS, COLUMNS]]) {
    const p = engine.tensor(shape, new Float32Array(n).fill(1));
    p.grad.set(Float32Array.from({ length: n }, (_, i) => (i % 2 ? 0.01 : -0.01)));
    const opt = factory([p], hyper);
    held.push(opt, p);
    for (let t = 0; t < STEPS; t++) opt.step(() => 0);
    opt.eval();
    opt.train();
    if (p.data.some(Number.isNaN)) throw new Error(`${optimizer} stepped to NaN`);
  }
  restore();
  const dispose = () => {
    for (const one of held) one.dispose();
  };
  return { tasks, scalars, dispose };
}

type Update = (n: number, p: unknown, g: unknown, slots: unknown[], count: number, scalars: Float32Array) => void;

type Make = (name: string, twin: unknown, binaries: unknown) => Update;

/** Notes each call of an update kernel that optimizers of this engine bind from now on. */
function listen(engine: Engine, tasks: Map<string, Task>, of: Map<string, Float32Array>): () => void {
  const { implementation } = engine as unknown as { implementation: { update: Make } };
  const { update } = implementation;
  implementation.update = (name, twin, binaries) => {
    const run = update.call(implementation, name, twin, binaries);
    return (n, p, g, slots, count, scalars) => {
      const [own, values] = [[...slots], scalars.slice()];
      tasks.set(name, () => run(n, p, g, own, count, values));
      of.set(name, values);
      run(n, p, g, slots, count, scalars);
    };
  };
  return () => void (implementation.update = update);
}
