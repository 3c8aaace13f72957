/**
 * Where the time of a training step goes, and how little each part could take: products at the in-register peak, passes
 * over memory at its traffic (as near in the caches as it stays when nothing else runs) or the divider's pace, and nothing
 * for JavaScript.
 */

import { createEngine, type Engine } from "thalweg";
import { greatest } from "../src/math/extremes.js";
import { type Effort, measure, median, type Task } from "./harness.js";
import { divider, type Peak, type Probes, traffic } from "./limits.js";
import { step } from "./training.js";
import { costs, type Streams } from "./workshop.js";

export const KINDS = ["products", "element-wise", "loss", "optimizer", "copy in", "JavaScript"] as const;

export interface ProfilePart {
  name: string;
  kind: (typeof KINDS)[number];
  /** Milliseconds a step, and what they would be at the limit, measured in the same rounds. */
  time: number;
  limit: number;
}

export interface Profile {
  name: string;
  /** Milliseconds of a step that nothing listens to. */
  step: number;
  parts: ProfilePart[];
}

const SMALL = { widths: [8, 8, 8, 4], batch: 8 };
const NET = { widths: [784, 512, 256, 10], batch: 128 };

/** What the kernels of a step cannot do without; the optimizer's are counted (workshop.ts). */
const KERNELS: Record<string, { name: string; kind: ProfilePart["kind"]; streams: Streams }> = {
  addRow: { name: "bias, relu", kind: "element-wise", streams: { read: 0, updated: 1, written: 0 } },
  addRowRelu: { name: "bias, relu", kind: "element-wise", streams: { read: 0, updated: 1, written: 0 } },
  addRowSums: { name: "their gradients", kind: "element-wise", streams: { read: 1, updated: 0, written: 0 } },
  reluBackwardRowSums: {
    ...{ name: "their gradients", kind: "element-wise" },
    streams: { read: 1, updated: 1, written: 0 },
  },
  softmaxCrossEntropy: { name: "softmax, loss", kind: "loss", streams: { read: 1, updated: 0, written: 1 } },
  sum: { name: "softmax, loss", kind: "loss", streams: { read: 1, updated: 0, written: 0 } },
  fill: { name: "gradients and subnormals to zero", kind: "optimizer", streams: { read: 0, updated: 0, written: 1 } },
  flush: { name: "gradients and subnormals to zero", kind: "optimizer", streams: { read: 0, updated: 1, written: 0 } },
  copyFrom: { name: "batch into memory", kind: "copy in", streams: { read: 1, updated: 0, written: 1 } },
};

/** All calls of one kind in a step: their time in this round, and what they work on. */
interface Calls {
  name: string;
  kind: ProfilePart["kind"];
  total: number;
  count: number;
  /** Of all rounds, milliseconds a step. */
  times: number[];
  flops: number;
  /** Elements of each call in a step, by their streams. */
  passes: Map<string, { n: number; streams: Streams; divisions: number; roots: number; count: number }>;
}

export async function benchProfile(best: Record<string, Peak>, probe: Probes, effort: Effort): Promise<Profile> {
  const { widths, batch } = NET;
  const [engine, watched] = [await createEngine({ backend: "wasm" }), await createEngine({ backend: "wasm" })];
  const watch = await listen(watched);
  const [plain, seen] = [step(engine, widths, batch), step(watched, widths, batch)];
  // JavaScript is compiled by calls, of which small steps make many; the products find their tile by large ones.
  const small = [engine, watched].map((one) => step(one, SMALL.widths, SMALL.batch));
  for (let i = 0; i < 20_000; i++) for (const task of small) task();
  for (let i = 0; i < 200; i++) {
    plain();
    seen();
  }
  watch.fill(seen);
  const script: number[] = [];
  const sample = async (time: number): Promise<number> => {
    watch.clear();
    let steps = 0;
    const start = performance.now();
    for (; performance.now() - start < time; steps++) seen();
    const all = (performance.now() - start) / steps;
    script.push(watch.end(steps, all));
    return all;
  };
  const [divide, root] = [divider(probe, "divide"), divider(probe, "root")];
  const tasks: Record<string, Task> = { plain, divide: divide.task, root: root.task };
  for (const [name, { task }] of Object.entries(best)) tasks[name] = task;
  for (const { passes } of watch.calls.values()) {
    for (const [key, { n, streams }] of passes) tasks[key] ??= await traffic(n, streams);
  }
  const warm = 1; // measure warms up by a sample
  const times = await measure<string>({ ...tasks, seen: { sample } }, effort);
  engine.dispose();
  watched.dispose();

  const rate = median(
    times.plain.map((_, i) => greatest(Object.entries(best).map(([name, { flops }]) => flops / times[name][i]))),
  );
  const perDivision = median(times.divide) / divide.elements;
  const perRoot = median(times.root) / root.elements;
  const parts = new Map<string, ProfilePart>();
  for (const calls of watch.calls.values()) {
    let limit = calls.flops / rate;
    for (const [key, { n, divisions, roots, count }] of calls.passes) {
      limit += count * Math.max(median(times[key]), n * (divisions * perDivision + roots * perRoot));
    }
    const part = parts.get(calls.name) ?? { name: calls.name, kind: calls.kind, time: 0, limit: 0 };
    part.time += median(calls.times.slice(warm));
    part.limit += limit;
    parts.set(calls.name, part);
  }
  const rest = { name: "between the kernels", kind: "JavaScript" as const, time: median(script.slice(warm)), limit: 0 };
  return {
    name: `${widths.join("-")} ×${batch}`,
    step: median(times.plain),
    parts: byKind([...parts.values(), rest]),
  };
}

const byKind = (parts: ProfilePart[]): ProfilePart[] =>
  parts.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));

type Any = (...args: number[]) => unknown;
interface Inside {
  kernels: Record<string, Any>;
  implementation: {
    kernel(name: string, ...rest: unknown[]): Any;
    update(name: string, ...rest: unknown[]): Any;
    gemm(product: { transA: boolean; transB: boolean; m: number; n: number; k: number }, ...rest: unknown[]): void;
  };
}

/** Times all calls of kernels that an engine makes from now on. */
async function listen(engine: Engine) {
  const { kernels, implementation } = engine as unknown as Inside;
  const adam = await costs("adam");
  const calls = new Map<string, Calls>();
  let filled = false; // passes and flops are those of the first step

  function timed(key: string, about: Pick<Calls, "name" | "kind">, run: () => unknown, work: (to: Calls) => void) {
    let entry = calls.get(key);
    if (entry === undefined) {
      entry = { ...about, total: 0, count: 0, times: [], flops: 0, passes: new Map() };
      calls.set(key, entry);
    }
    if (!filled) work(entry);
    const start = performance.now();
    const result = run();
    entry.total += performance.now() - start;
    entry.count++;
    return result;
  }
  function pass(to: Calls, n: number, streams: Streams, divisions = 0, roots = 0): void {
    const key = `traffic ${streams.read} ${streams.updated} ${streams.written} of ${n}`;
    const one = to.passes.get(key) ?? { n, streams, divisions, roots, count: 0 };
    one.count++;
    to.passes.set(key, one);
  }
  function kernel(name: string, run: Any): Any {
    const about = KERNELS[name];
    if (about === undefined) return run;
    const elements = (args: number[]) => (/Row|softmax/.test(name) ? args[0] * args[1] : args[0]);
    return (...args) =>
      timed(
        name,
        about,
        () => run(...args),
        (to) => pass(to, elements(args), about.streams),
      );
  }

  for (const name of Object.keys(kernels)) kernels[name] = kernel(name, kernels[name]);
  const own = {
    kernel: implementation.kernel,
    update: implementation.update,
    gemm: implementation.gemm,
    tensor: engine.tensor,
  };
  implementation.kernel = (name, ...rest) => kernel(name, own.kernel.call(implementation, name, ...rest));
  implementation.update = (name, ...rest) => {
    const run = own.update.call(implementation, name, ...rest);
    return (...args) =>
      timed(
        name,
        { name, kind: "optimizer" },
        () => run(...args),
        (to) => pass(to, args[0], adam, adam.divisions, adam.roots),
      );
  };
  implementation.gemm = (product, ...rest) => {
    const { transA, transB, m, n, k } = product;
    const name = transA
      ? `${m}→${n} gradient of weights`
      : transB
        ? `${n}→${k} gradient of input`
        : `${k}→${n} forward`;
    timed(
      name,
      { name, kind: "products" },
      () => own.gemm.call(implementation, product, ...rest),
      (to) => {
        to.flops += 2 * m * n * k;
      },
    );
  };
  engine.tensor = (...args) => {
    const tensor = own.tensor.apply(engine, args);
    const { copyFrom } = tensor;
    tensor.copyFrom = (values) =>
      timed(
        "copyFrom",
        KERNELS.copyFrom,
        () => copyFrom.call(tensor, values),
        (to) => pass(to, tensor.size, KERNELS.copyFrom.streams),
      ) as typeof tensor;
    return tensor;
  };

  return {
    calls,
    clear() {
      for (const entry of calls.values()) entry.total = entry.count = 0;
    },
    /** Notes what each call took in these steps, without the clock, and returns what is left of one step. */
    end(steps: number, all: number): number {
      const clock = tick();
      let left = all;
      for (const entry of calls.values()) {
        const time = (entry.total - entry.count * clock) / steps;
        entry.times.push(time);
        left -= time + (2 * entry.count * clock) / steps;
      }
      return left;
    },
    /** The next step is the one that says what each call works on; those after it are alike. */
    fill(step: Task): void {
      calls.clear();
      filled = false;
      step();
      filled = true;
    },
  };
}

/** Milliseconds that reading the clock takes. */
function tick(): number {
  const start = performance.now();
  for (let i = 0; i < 1000; i++) performance.now();
  return (performance.now() - start) / 1001;
}
