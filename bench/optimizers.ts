/** Every kernel of the table at n elements: against the js backend, a plain loop and the machine's limit. */
import { createEngine, type Engine } from "thalweg";
import { optimizers } from "thalweg/table";
import { type Effort, measure, median, ratio, type Task } from "./harness.js";
import { divideRoot, type probes, traffic } from "./limits.js";
import { plain } from "./plain.js";

type Optimizers = typeof optimizers;

interface Case {
  optimizer: keyof Optimizers;
  hyper: object;
  /** Arrays that are read and written: the parameters and the state. */
  updated: number;
  /** Whether each element takes a division and a square root. */
  divides: boolean;
}

/** One case a kernel; the names are those of bench/plain.ts. */
export const cases: Record<string, Case> = {
  sgd: { optimizer: "sgd", hyper: {}, updated: 1, divides: false },
  "sgd momentum": { optimizer: "sgd", hyper: { momentum: 0.9 }, updated: 2, divides: false },
  "sgd nesterov": { optimizer: "sgd", hyper: { momentum: 0.9, nesterov: true }, updated: 2, divides: false },
  adam: { optimizer: "adam", hyper: {}, updated: 3, divides: true },
  "adam amsgrad": { optimizer: "adam", hyper: { amsgrad: true }, updated: 4, divides: true },
  adamw: { optimizer: "adamw", hyper: {}, updated: 3, divides: true },
  "adamw amsgrad": { optimizer: "adamw", hyper: { amsgrad: true }, updated: 4, divides: true },
};

export interface OptimizerRow {
  name: string;
  n: number;
  /** Elements a second, in millions. */
  throughput: number;
  /** Bytes read and written a second, in 10⁹. */
  bandwidth: number;
  /** Times as fast as the plain loop, and as the js backend. */
  overPlain: number;
  overJs: number;
  /** Share of the limit: the larger of the traffic's time and the divider's. */
  ofLimit: number;
}

export async function benchOptimizers(probe: Awaited<ReturnType<typeof probes>>, n: number, effort: Effort) {
  const wasm = await createEngine({ backend: "wasm" });
  const js = await createEngine({ backend: "js" });
  const divider = divideRoot(probe);
  const rows: OptimizerRow[] = [];
  for (const [name, test] of Object.entries(cases)) {
    const [onWasm, onJs] = [step(wasm, test, n), step(js, test, n)];
    const times = await measure(
      {
        wasm: onWasm.task,
        plain: plain[name]!(n),
        traffic: traffic(probe, n, test.updated),
        divider: divider.task,
      },
      effort,
    );
    // Twice as slow as all else together: in fewer rounds of their own.
    const slow = await measure({ wasm: onWasm.task, js: onJs.task }, { ...effort, rounds: 3 });
    const limit = times.traffic.map((t, i) =>
      Math.max(t, test.divides ? (times.divider[i]! / divider.elements) * n : 0),
    );
    const time = median(times.wasm);
    rows.push({
      name,
      n,
      throughput: n / time / 1e3,
      bandwidth: (n * 4 * (1 + 2 * test.updated)) / time / 1e6,
      overPlain: ratio(times.plain, times.wasm),
      overJs: ratio(slow.js, slow.wasm),
      ofLimit: ratio(limit, times.wasm),
    });
    onWasm.dispose();
    onJs.dispose();
  }
  return rows;
}

/** What the sweep for subnormals saves: Adam after 2,000 steps of zero gradients, over Adam at work. */
export async function benchDead(n: number, effort: Effort): Promise<number> {
  const engine = await createEngine({ backend: "wasm" });
  const [live, dead] = [step(engine, cases.adam!, n), step(engine, cases.adam!, n)];
  dead.zero();
  for (let i = 0; i < 2000; i++) dead.task();
  const times = await measure({ live: live.task, dead: dead.task }, effort);
  engine.dispose();
  return ratio(times.dead, times.live);
}

function step(engine: Engine, { optimizer, hyper }: Case, n: number): { task: Task; zero(): void; dispose(): void } {
  const p = engine.tensor(n, new Float32Array(n).fill(1));
  p.grad.fill(0.01);
  const make = optimizers[optimizer] as (params: (typeof p)[], hyper: object) => ReturnType<Optimizers["adam"]>;
  const opt = make([p], hyper);
  opt.step();
  if (Math.abs(p.data[n - 1]! - 1) > 0.1 || p.data[n - 1] === 1) throw new Error(`${optimizer} did not step`);
  return {
    task: () => opt.step(),
    zero: () => p.grad.fill(0),
    dispose() {
      opt.dispose();
      p.dispose();
    },
  };
}
