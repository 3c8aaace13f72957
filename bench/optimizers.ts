/** Every update kernel of the table at n elements: against the js backend, a plain loop and the machine's limit. */
import { adam, createEngine } from "thalweg";
import { type Effort, measure, median, ratio, type Task } from "./harness.js";
import { cases, record } from "./kernels.js";
import { divider, instructing, loopWith, type Probes, RATES, type Rates, rates, traffic } from "./limits.js";
import { plain } from "./plain.js";

export interface OptimizerRow {
  kernel: string;
  n: number;
  /** Elements a second, in millions. */
  throughput: number;
  /** Bytes read and written a second, in 10⁹. */
  bandwidth: number;
  /** Times as fast as the plain loop, where there is one, and as the js backend. */
  overPlain?: number;
  overJs: number;
  /** Share of the limit: the largest of the times of its traffic, its divisions and roots, and its instructions. */
  ofLimit: number;
  /** Which of the three that is. */
  limit: "traffic" | "divider" | "instructions";
}

export interface OptimizerOptions {
  n: number;
  /** Only the kernels whose name this matches. */
  only?: RegExp | undefined;
}

export async function benchOptimizers(probe: Probes, { n, only = /^/ }: OptimizerOptions, effort: Effort) {
  const [wasm, js] = [await createEngine({ backend: "wasm" }), await createEngine({ backend: "js" })];
  const [divide, root] = [divider(probe, "divide"), divider(probe, "root")];
  const rate = await rates();
  const streams = new Map<string, Task>();
  const rows: OptimizerRow[] = [];
  for (const test of (await cases(wasm)).filter(({ kernel }) => only.test(kernel))) {
    const { read, updated, written, divisions, roots } = test.costs;
    const shape = `${read} ${updated} ${written}`;
    if (!streams.has(shape)) streams.set(shape, await traffic(n, test.costs));
    const [onWasm, onJs] = [record(wasm, test.optimizer, test.hyper, n), record(js, test.optimizer, test.hyper, n)];
    const [kernel, twin] = [onWasm.tasks.get(test.kernel)!, onJs.tasks.get(test.kernel)!];
    const loop = plain[test.kernel];
    const tasks = { kernel, traffic: streams.get(shape)!, divide: divide.task, root: root.task };
    const times = await measure<keyof typeof tasks | keyof Rates | "plain">(
      { ...tasks, ...rate.tasks, ...(loop && { plain: loop(n) }) } as never,
      effort,
    );
    // Far slower than all else together: in fewer rounds of their own.
    const slow = await measure({ kernel, twin }, { ...effort, rounds: 3 });
    const dividing = times.traffic.map(
      (_, i) => n * ((times.divide[i] / divide.elements) * divisions + (times.root[i] / root.elements) * roots),
    );
    const operations = loopWith(test.costs, onWasm.scalars.get(test.kernel)!);
    const issuing = times.traffic.map((_, i) => {
      const each = RATES.map((name) => [name, times[name][i] / rate.instructions]);
      return (n / 4) * instructing(operations, Object.fromEntries(each) as Rates);
    });
    const limit = times.traffic.map((t, i) => Math.max(t, dividing[i], issuing[i]));
    const time = median(times.kernel);
    rows.push({
      kernel: test.kernel,
      n,
      throughput: n / time / 1e3,
      bandwidth: (n * 4 * (read + 2 * updated + written)) / time / 1e6,
      ...(loop && { overPlain: ratio(times.plain, times.kernel) }),
      overJs: ratio(slow.twin, slow.kernel),
      ofLimit: ratio(limit, times.kernel),
      limit: binding({ traffic: times.traffic, divider: dividing, instructions: issuing }),
    });
    onWasm.dispose();
    onJs.dispose();
  }
  wasm.dispose();
  return rows;
}

/** The name of the largest median. */
function binding(limits: Record<OptimizerRow["limit"], number[]>): OptimizerRow["limit"] {
  const [[name]] = Object.entries(limits).sort(([, a], [, b]) => median(b) - median(a));
  return name as OptimizerRow["limit"];
}

/** What the sweep for subnormals saves: Adam after 2,000 steps of zero gradients, over Adam at work. */
export async function benchDead(n: number, effort: Effort): Promise<number> {
  const engine = await createEngine({ backend: "wasm" });
  const working = () => {
    const p = engine.tensor(n, new Float32Array(n).fill(1));
    p.grad.fill(0.01);
    const opt = adam([p]);
    for (let i = 0; i < 10; i++) opt.step();
    return { p, task: () => void opt.step() };
  };
  const [live, dead] = [working(), working()];
  dead.p.grad.fill(0);
  for (let i = 0; i < 2000; i++) dead.task();
  const times = await measure({ live: live.task, dead: dead.task }, effort);
  engine.dispose();
  return ratio(times.dead, times.live);
}
