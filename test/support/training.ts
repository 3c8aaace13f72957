/** A short training run that ends in a hash of every bit it made: the same file runs in Node and, bundled, in a page. */
import type * as Thalweg from "../../src/index.js";

export interface Trained {
  backend: string;
  simd: string;
  reason: string;
  threads: number;
  /** Shares of the work that worker threads ran. */
  helped: number;
  /** The first and the last loss. */
  first: number;
  last: number;
  /** SHA-256 of the parameters, the gradients and a prediction. */
  hash: string;
}

const STEPS = 30;

/** Thirty steps of AdamW on a small classifier, of odd widths and with every kind of layer and loss. */
export async function train(library: typeof Thalweg, options: Thalweg.EngineOptions): Promise<Trained> {
  const { adamw, createEngine, dense, mse, relu, sequential, sigmoid, softmaxCrossEntropy, tanh } = library;
  const engine = await createEngine(options);
  const layers = [
    dense(7, 19, { init: "heNormal" }),
    relu(),
    dense(19, 13),
    tanh(),
    dense(13, 5),
    sigmoid(),
    dense(5, 3),
  ];
  const model = sequential(engine, layers, { seed: 42 });
  const optimizer = adamw(model.parameters() as Thalweg.Tensor[], { lr: 0.01 });
  const rows = 33;
  // Fractions of whole numbers alone, because Math.sin and its like differ between hosts.
  const inputs = Float32Array.from({ length: rows * 7 }, (_, i) => (((i * 7919) % 1009) / 1009) * 4 - 2);
  const labels = Int32Array.from(
    { length: rows },
    (_, r) => (inputs[7 * r] > 0 ? 1 : 0) + (inputs[7 * r + 3] > 1 ? 1 : 0),
  );
  const x = engine.tensor([rows, 7], inputs);
  const target = engine.tensor([rows, 3]);
  let first = 0;
  let last = 0;
  for (let step = 0; step < STEPS; step++) {
    const prediction = model.forward(x);
    const { value, grad } = step % 10 === 9 ? mse(prediction, target) : softmaxCrossEntropy(prediction, labels);
    if (step === 0) first = value;
    if (step === STEPS - 2) last = value; // the last is of another loss
    model.backward(grad);
    optimizer.step(undefined, { zeroGrad: step < STEPS - 1 });
  }
  const parts = [...model.parameters().flatMap((p) => [p.data, p.grad]), model.forward(x).data];
  const all = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  const { backend, simd, reason, threads } = engine;
  const { threaded } = engine.implementation as { threaded?: { pool: { helped: number } } };
  const helped = threaded?.pool.helped ?? 0;
  engine.dispose();
  return {
    backend,
    simd,
    reason,
    threads,
    helped,
    first,
    last,
    hash: [...digest].map((b) => b.toString(16).padStart(2, "0")).join(""),
  };
}
