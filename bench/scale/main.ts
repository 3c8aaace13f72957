/** `npm run bench:scale`: when training one model on several machines pays, as the tables of docs/scale.md. */
import { cpus, loadavg } from "node:os";
import { adamw, createEngine, dense, relu, sequential, softmaxCrossEntropy } from "../../src/index.js";
import { least } from "../../src/math/extremes.js";
import { digits } from "../digits/data.js";
import { compress } from "./compress.js";
import { type Compression, exchange, NETWORKS, speedUp } from "./network.js";
import { papers } from "./papers.js";
import { simulate, type Way } from "./simulate.js";

const engine = await createEngine({ simd: "strict" });
console.log(
  `Node ${process.versions.node}, one thread of ${cpus()[0]!.model}, strict SIMD, load ${loadavg()[0]!.toFixed(0)}\n`,
);

/** Milliseconds of the parts of a step of a network with two square layers: the least, as other programs only add to it. */
function stepOf(width: number, rows: number): { parameters: number; gradient: number; update: number } {
  using model = sequential(engine, [dense(width, width), relu(), dense(width, width), relu(), dense(width, 10)], {
    seed: 1,
  });
  using optimizer = adamw(model.parameters(), { lr: 1e-4 });
  using x = engine.tensor([rows, width]);
  x.data.forEach((_, i) => {
    x.data[i] = ((i * 7919) % 1000) / 500 - 1;
  });
  const y = new Int32Array(rows).map((_, i) => i % 10);
  const times = { gradient: [] as number[], update: [] as number[] };
  const until = performance.now() + 1000;
  for (let i = 0; i < 8 || performance.now() < until; i++) {
    const start = performance.now();
    const { grad } = softmaxCrossEntropy(model.forward(x), y);
    model.backward(grad, { inputGrad: false });
    const middle = performance.now();
    optimizer.step(undefined, { zeroGrad: true });
    if (i < 3) continue;
    times.gradient.push(middle - start);
    times.update.push(performance.now() - middle);
  }
  const parameters = model.parameters().reduce((sum, { data }) => sum + data.length, 0);
  return { parameters, gradient: least(times.gradient), update: least(times.update) };
}

const f = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));
console.log(
  "| parameters | gradient of 32 rows, ms | of 256 | of 2,048 | AdamW, ms | sent, ms at 1 Gb/s | at 10 | at 100 |",
);
console.log("| - | - | - | - | - | - | - | - |");
/** Nanoseconds a parameter and row: how fast gradients are. */
let perRow = Number.POSITIVE_INFINITY;
for (const width of [64, 256, 704, 1536]) {
  const [few, some, many] = [32, 256, 2048].map((rows) => stepOf(width, rows));
  const sent = ["1 Gb/s", "10 Gb/s", "100 Gb/s"].map((name) =>
    f(1000 * exchange(few!.parameters, 2, "none", NETWORKS[name]!)),
  );
  // The least again, of all sizes: a long step is hardly ever without the disturbance of other programs.
  const each = [few!.gradient / 32, some!.gradient / 256, many!.gradient / 2048];
  perRow = Math.min(perRow, least(each) * (1e6 / few!.parameters));
  const { parameters } = few!;
  console.log(
    `| ${parameters.toLocaleString("en")} | ${[few!, some!, many!].map((t) => f(t.gradient)).join(" | ")} | ${f(many!.update)} | ${sent.join(" | ")} |`,
  );
}

console.log(
  `\nGradients take ${perRow.toFixed(3)} ns a parameter and row. Rows of a batch from which it pays, at 1M parameters:\n`,
);
console.log("| machines | gradients as | 1 Gb/s | 10 Gb/s | 25 Gb/s | 100 Gb/s |\n| - | - | - | - | - | - |");
const packing = packingOf(1e6);
for (const n of [2, 4, 8])
  for (const compression of ["none", "8 bits", "signs"] as const) {
    const rows = Object.values(NETWORKS).map((network) => {
      const exchanged = exchange(1e6, n, compression, network) + packing[compression];
      // The least batch at which n machines are 0.7 n times as fast as one.
      for (let batch = n; batch < 1e7; batch = Math.ceil(batch * 1.02)) {
        const alone = batch * perRow * 1e-3;
        if (speedUp(alone, alone / n, exchanged) >= 0.7 * n) return batch.toLocaleString("en");
      }
      return "never";
    });
    console.log(`| ${n} | ${compression === "none" ? "f32" : compression} | ${rows.join(" | ")} |`);
  }

/** Seconds to pack so many gradients, by a tenth of them: short enough to be now and then without disturbance. */
function packingOf(all: number): Record<Compression, number> {
  const length = all / 10;
  const gradient = new Float32Array(length).map((_, i) => ((i * 7919) % 1000) / 500 - 1);
  const error = new Float32Array(length);
  const timed = (kind: Compression) => {
    const times = Array.from({ length: 100 }, () => {
      const start = performance.now();
      compress(kind, gradient, error);
      return (performance.now() - start) / 100; // ten times, in seconds
    });
    return least(times);
  };
  return { none: 0, "8 bits": timed("8 bits"), signs: timed("signs") };
}

console.log(
  "\n| machines | exchange | clock, s | waiting | right, % | 10 Gb/s: clock | waiting |\n| - | - | - | - | - | - | - |",
);
const data = digits();
const ways: Way[] = [
  { machines: 1, compression: "none", every: 1 },
  ...[2, 4].flatMap((machines): Way[] => [
    { machines, compression: "none", every: 1 },
    { machines, compression: "8 bits", every: 1 },
    { machines, compression: "signs", every: 1 },
    { machines, compression: "none", every: 8 },
  ]),
];
for (const way of ways) {
  const [slow, fast] = [NETWORKS["1 Gb/s"]!, NETWORKS["10 Gb/s"]!].map((network) =>
    simulate(engine, data, way, network),
  );
  const name =
    way.every > 1 ? `weights, each ${way.every} steps` : way.compression === "none" ? "f32" : way.compression;
  const percent = (x: number) => `${(100 * x).toFixed(0)} %`;
  console.log(
    `| ${way.machines} | ${way.machines === 1 ? "none" : name} | ${slow!.seconds.toFixed(2)} | ${percent(slow!.waiting)} | ${(100 * slow!.accuracy).toFixed(1)} | ${fast!.seconds.toFixed(2)} | ${percent(fast!.waiting)} |`,
  );
}
papers(console.log);
engine.dispose();
