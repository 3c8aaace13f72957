/** Trains beside the page, by the library's own reader and loop: the page stays free while it does. */
import { createEngine } from "../../../../index.js";
import { parseTable, trainTable } from "../../../../tabular/index.js";
import { type Asked, type Epoch, epochOf, type Order, type Said } from "./messages.js";

const host = self as unknown as { postMessage(said: Said, moved?: ArrayBuffer[]): void };
/** Milliseconds between two words on how it goes. */
const OFTEN = 80;

self.addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  work(data).catch((error) => host.postMessage({ problem: error instanceof Error ? error.message : String(error) }));
});

async function work(asked: Asked): Promise<void> {
  if ("train" in asked) return run(asked.train);
  const { names, width, rows, notes = [] } = parseTable(asked.read.table, asked.read.file);
  const all = Array.from({ length: width }, (_, i) => names?.[i] ?? String(i));
  host.postMessage({ columns: { names: all, rows: rows.length, notes } });
}

async function run({ file, table: bytes, settings, backend }: Order): Promise<void> {
  const table = parseTable(bytes, file);
  const engine = await createEngine({ backend, simd: "strict" });
  let epochs: Epoch[] = [];
  let [rows, spoken] = [0, 0];
  const began = performance.now();
  const speak = (of: number): void => {
    const now = performance.now();
    if (now - spoken < OFTEN) return;
    spoken = now;
    const speed = rows / ((now - began) / 1000);
    host.postMessage({ progress: { epochs, of, speed, backend: engine.backend, reason: engine.reason } });
    epochs = [];
  };
  const of = settings.epochs ?? 0;
  const { model, train, validation } = await trainTable(table, {
    ...settings,
    engine,
    onStep: (step) => {
      rows += step.rows;
    },
    onEpoch: (report) => {
      epochs.push(epochOf(report));
      speak(of);
    },
  });
  spoken = 0;
  speak(of);
  const [first] = model.network.parameters();
  const saved = model.save();
  const { classes, target } = model;
  const weights = Float32Array.from(first.toArray());
  host.postMessage({ done: { train, held: validation, classes, target, weights, shape: first.shape, file: saved } });
  model.dispose();
  engine.dispose();
}
