/** Trains beside the page, by the library's own reader and loop: the page stays free while it does. */
import { createEngine } from "../../../../index.js";
import { parseTable, type Score, trainTable } from "../../../../tabular/index.js";
import { type Asked, type Epoch, epochOf, type Marks, type Order, type Said } from "./messages.js";
import { confusionOf } from "./taken.js";

const host = self as unknown as { postMessage(said: Said, moved?: ArrayBuffer[]): void };
/** Milliseconds between two words on how it goes. */
const OFTEN = 80;

self.addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  work(data).catch((error) => host.postMessage({ problem: error instanceof Error ? error.message : String(error) }));
});

const marksOf = ({ loss, accuracy, regression }: Score): Marks => ({
  loss,
  accuracy,
  ...(regression && { regression }),
});

async function work(asked: Asked): Promise<void> {
  if ("train" in asked) return run(asked.train);
  const { names, width, rows, notes = [] } = parseTable(asked.read.table, asked.read.file);
  // A name that two columns have names neither: each has its index.
  const times = new Map<string, number>();
  for (const name of names ?? []) times.set(name, (times.get(name) ?? 0) + 1);
  const all = Array.from({ length: width }, (_, i) => {
    const name = names?.[i];
    return name !== undefined && times.get(name) === 1 ? name : String(i);
  });
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
  spoken = Number.NEGATIVE_INFINITY; // the last word is said however soon it comes
  speak(of);
  const [first] = model.network.parameters();
  const saved = model.save();
  const { classes, target } = model;
  const weights = Float32Array.from(first.toArray());
  const confusion = confusionOf(train, validation, classes);
  const about = { classes, target, weights, shape: first.shape, file: saved, ...(confusion && { confusion }) };
  host.postMessage({ done: { train: marksOf(train), held: validation && marksOf(validation), ...about } });
  model.dispose();
  engine.dispose();
}
