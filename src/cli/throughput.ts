import type { Engine } from "../engine/engine.js";
import { relu } from "../nn/activation.js";
import { softmaxCrossEntropy } from "../nn/crossEntropy.js";
import { dense } from "../nn/dense.js";
import { sequential } from "../nn/sequential.js";
import { adam } from "../optim/adam.js";
import { command, parsed } from "./args.js";
import { columned } from "./columns.js";
import { engineOf, threadsOption } from "./engineOptions.js";
import { print, printJson } from "./output.js";
import { textColumns, wrapped } from "./terminal.js";

type Task = () => void;

/** One task in several implementations. */
interface Contest {
  work: string;
  /** The unit of its rate, which is `amount` divided by the milliseconds of a call. */
  unit: string;
  amount: number;
  wasm: Task;
  js: Task;
  plain?: Task;
}

const ROUNDS = 5;
// Milliseconds: hosts compile hot code after many calls, and matrix products of 512 try their tiles for some 300 calls.
const WARM_UP = 500;

/** The command. */
export async function throughput(args: string[]): Promise<void> {
  const measure = command(
    "throughput",
    "measures the speed of this machine",
    "[options]",
    `
Three tasks on the wasm backend, the js backend and, for two of them, a plain JavaScript loop in double precision; the
js backend and the loop have one thread. The results are medians of alternating rounds. In the repository,
\`npm run bench\` measures more tasks, more carefully.`,
  )
    .addOption(threadsOption())
    .option("--json", "print one JSON object on one line");
  const call = parsed<{ threads?: number | "auto"; json?: true }>(measure, args);
  if (call === undefined) return;
  const { threads = 1, json } = call.values;
  using wasm = await engineOf({ backend: "wasm", threads });
  using js = await engineOf({ backend: "js" });
  const contests = [adamStep(wasm, js), product(wasm, js), trainingStep(wasm, js)];
  const rows = contests.map((contest) => ({ contest, times: compare(contest) }));
  if (json) {
    const measured = rows.map(({ contest: { work, unit, amount }, times }) => ({
      work,
      unit,
      amount,
      milliseconds: times,
    }));
    printJson({ engine: wasm.reason, threads: wasm.threads, rows: measured });
    return;
  }
  const rate = (amount: number, time: number | undefined) => (time === undefined ? "" : figures(amount / time));
  const times = (slow: number | undefined, fast: number) => (slow === undefined ? "" : `${(slow / fast).toFixed(1)}×`);
  const table = rows.map(({ contest: { work, unit, amount }, times: t }) => [
    work,
    unit,
    rate(amount, t.wasm),
    rate(amount, t.js),
    rate(amount, t.plain),
    times(t.js, t.wasm),
    times(t.plain, t.wasm),
  ]);
  const head = ["", "unit", "wasm", "js", "loop", "wasm/js", "wasm/loop"];
  const threaded = wasm.threads === 1 ? "one thread" : `${wasm.threads} threads`;
  print([
    ...wrapped(`Throughput on ${threaded} (${wasm.reason})`, textColumns()),
    "",
    ...columned(head, table, { right: [2, 3, 4, 5, 6] }),
  ]);
}

const figures = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));

/** The median milliseconds of a call, measured in alternating rounds. */
function compare({ wasm, js, plain }: Contest): { wasm: number; js: number; plain: number | undefined } {
  const tasks = [wasm, js, ...(plain ? [plain] : [])];
  const samples = tasks.map((): number[] => []);
  for (const task of tasks) for (const end = performance.now() + WARM_UP; performance.now() < end; ) task();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, task] of tasks.entries()) {
      const start = performance.now();
      let calls = 0;
      do {
        task();
        calls++;
      } while (performance.now() - start < 10);
      samples[i].push((performance.now() - start) / calls);
    }
  }
  const [onWasm, onJs, inPlain] = samples.map((times) => times.sort((a, b) => a - b)[ROUNDS >> 1]);
  return { wasm: onWasm, js: onJs, plain: inPlain };
}

const MILLION = 1_000_000;

function adamStep(wasm: Engine, js: Engine): Contest {
  const on = (engine: Engine): Task => {
    const p = engine.tensor(MILLION, new Float32Array(MILLION).fill(1));
    p.grad.fill(0.01);
    const opt = adam([p]);
    return () => opt.step();
  };
  const [p, g, m, v] = [1, 0.01, 0, 0].map((value) => new Float32Array(MILLION).fill(value)) as Float32Array[];
  let t = 0;
  const plain = () => {
    t++;
    const step = 1e-3 / (1 - 0.9 ** t);
    const root = 1 / Math.sqrt(1 - 0.999 ** t);
    for (let i = 0; i < MILLION; i++) {
      m[i] = 0.9 * m[i] + 0.1 * g[i];
      v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
      p[i] -= (step * m[i]) / (Math.sqrt(v[i]) * root + 1e-8);
    }
  };
  return { work: "Adam, 1M parameters", unit: "M/s", amount: 1e3, wasm: on(wasm), js: on(js), plain };
}

function product(wasm: Engine, js: Engine): Contest {
  const n = 512;
  const values = Float32Array.from({ length: n * n }, (_, i) => (i % 7) - 3);
  const on = (engine: Engine): Task => {
    const [a, b, out] = [engine.tensor([n, n], values), engine.tensor([n, n], values), engine.tensor([n, n])];
    return () => engine.matmul(a, b, { out });
  };
  const out = new Float32Array(n * n);
  const plain = () => {
    out.fill(0);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const x = values[i * n + k];
        for (let j = 0; j < n; j++) out[i * n + j] += x * values[k * n + j];
      }
    }
  };
  return {
    work: "matrix product 512³",
    unit: "GFLOP/s",
    amount: (2 * n ** 3) / 1e6,
    wasm: on(wasm),
    js: on(js),
    plain,
  };
}

function trainingStep(wasm: Engine, js: Engine): Contest {
  const batch = 128;
  const inputs = Float32Array.from({ length: batch * 784 }, (_, i) => Math.fround(((i * 37) % 101) / 101));
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const on = (engine: Engine): Task => {
    const model = sequential(engine, [dense(784, 128, { init: "heUniform" }), relu(), dense(128, 10)], { seed: 1 });
    const opt = adam(model.parameters());
    const x = engine.tensor([batch, 784]);
    return () => {
      x.copyFrom(inputs);
      const { grad } = softmaxCrossEntropy(model.forward(x), labels);
      model.backward(grad, { inputGrad: false });
      opt.step(undefined, { zeroGrad: true });
    };
  };
  return { work: "step of 784-128-10, batch 128", unit: "steps/s", amount: 1e3, wasm: on(wasm), js: on(js) };
}
