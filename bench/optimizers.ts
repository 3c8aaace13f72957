/** Every update kernel of the table at n elements: against the js backend, a plain loop and the machine's limit. */
import { createEngine, type Engine } from "thalweg";
import { optimizers } from "thalweg/table";
import { type Case, cases } from "./cases.js";
import { type Effort, measure, median, ratio, type Task } from "./harness.js";
import { divider, type Probes, traffic } from "./limits.js";
import { plain } from "./plain.js";

export interface OptimizerRow {
  name: string;
  n: number;
  /** Elements a second, in millions. */
  throughput: number;
  /** Bytes read and written a second, in 10⁹. */
  bandwidth: number;
  /** Times as fast as the plain loop, where there is one, and as the js backend. */
  overPlain?: number;
  overJs: number;
  /** Share of the limit: the larger of the traffic's time and the divider's. */
  ofLimit: number;
}

export async function benchOptimizers(probe: Probes, n: number, effort: Effort): Promise<OptimizerRow[]> {
  const wasm = await createEngine({ backend: "wasm" });
  const js = await createEngine({ backend: "js" });
  const [divide, root] = [divider(probe, "divide"), divider(probe, "root")];
  const streams = [1, 2, 3, 4, 5].map((updated) => traffic(probe, n, updated));
  const rows: OptimizerRow[] = [];
  for (const test of await cases()) {
    const [onWasm, onJs] = [step(wasm, test, n), step(js, test, n)];
    const loop = plain[test.name];
    const times = await measure(
      {
        wasm: onWasm.task,
        traffic: streams[Math.min(test.updated, streams.length) - 1]!,
        divide: divide.task,
        root: root.task,
        ...(loop && { plain: loop(n) }),
      } as Record<"wasm" | "traffic" | "divide" | "root" | "plain", Task>,
      effort,
    );
    // Far slower than all else together: in fewer rounds of their own.
    const slow = await measure({ wasm: onWasm.task, js: onJs.task }, { ...effort, rounds: 3 });
    const limit = times.traffic.map((t, i) => {
      const divisions = (times.divide[i]! / divide.elements) * test.divisions;
      return Math.max(t, n * (divisions + (times.root[i]! / root.elements) * test.roots));
    });
    const time = median(times.wasm);
    rows.push({
      name: test.name,
      n,
      throughput: n / time / 1e3,
      bandwidth: (n * 4 * (1 + 2 * test.updated)) / time / 1e6,
      ...(loop && { overPlain: ratio(times.plain, times.wasm) }),
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
  const adam = { optimizer: "adam", hyper: {} } as const;
  const [live, dead] = [step(engine, adam, n), step(engine, adam, n)];
  dead.zero();
  for (let i = 0; i < 2000; i++) dead.task();
  const times = await measure({ live: live.task, dead: dead.task }, effort);
  engine.dispose();
  return ratio(times.dead, times.live);
}

type Params = ReturnType<Engine["tensor"]>[];
type Made = { step(closure?: () => number): unknown; dispose(): void };

function step(engine: Engine, { optimizer, hyper }: Pick<Case, "optimizer" | "hyper">, n: number) {
  const p = engine.tensor(n, new Float32Array(n).fill(1));
  p.grad.fill(0.01);
  const opt = (optimizers[optimizer] as unknown as (params: Params, hyper: object) => Made)([p], hyper);
  const closure = () => 0;
  // Some rules wait before they move: RAdam without its silent steps, D-adaptation while d is small.
  for (let t = 0; t < 10 && p.data[n - 1] === 1; t++) opt.step(closure);
  if (Number.isNaN(p.data[n - 1])) throw new Error(`${optimizer} stepped to NaN`);
  return {
    task: (() => opt.step(closure)) as Task,
    zero: () => p.grad.fill(0),
    dispose() {
      opt.dispose();
      p.dispose();
    },
  };
}
