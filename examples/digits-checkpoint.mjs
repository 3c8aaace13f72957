// A run that is interrupted and resumed ends with the bits of one that was not. It learns ten digits, drawn in 8×8 pixels
// and disturbed by noise.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adamw, createEngine, dense, dropout, evaluate, relu, sequential, softmaxCrossEntropy, train } from "thalweg";
import { checkpointFile } from "thalweg/node";

// Rows of five pixels as bits, from the top: 0 to 9.
const GLYPHS = [
  [14, 17, 17, 17, 17, 17, 14],
  [4, 12, 4, 4, 4, 4, 14],
  [14, 17, 1, 2, 4, 8, 31],
  [14, 17, 1, 6, 1, 17, 14],
  [2, 6, 10, 18, 31, 2, 2],
  [31, 16, 30, 1, 1, 17, 14],
  [14, 16, 16, 30, 17, 17, 14],
  [31, 1, 2, 4, 4, 4, 4],
  [14, 17, 17, 14, 17, 17, 14],
  [14, 17, 17, 15, 1, 1, 14],
];

/** Images [rows, 64] of random digits, each somewhere in its frame and under noise. */
function images(rows, seed) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const x = [];
  const y = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const digit = (y[i] = Math.floor(10 * random()));
    const left = Math.floor(4 * random());
    const top = Math.floor(2 * random());
    const image = Array.from({ length: 64 }, () => 0.6 * random());
    GLYPHS[digit].forEach((bits, row) => {
      for (let column = 0; column < 5; column++) {
        if (bits & (16 >> column)) image[8 * (top + row) + left + column] += 1;
      }
    });
    x.push(image);
  }
  return { x, y };
}

const data = images(3000, 1);
const unseen = images(500, 2);
const engine = await createEngine({ simd: "strict" });

/** The same run from its start, or from where the checkpoint stands; the model that it ends with. */
async function run({ file, signal, resume, onEpoch } = {}) {
  const model = sequential(engine, [dense(64, 64), relu(), dropout(0.1), dense(64, 10)], { seed: 3 });
  await train(model, data, {
    optimizer: adamw(model.parameters(), { lr: 3e-3 }),
    loss: softmaxCrossEntropy,
    epochs: 12,
    batchSize: 32,
    seed: 3,
    ...(file && { checkpoint: { save: file.save, every: { epochs: 1 } } }),
    ...(signal && { signal }),
    ...(resume && { resume }),
    ...(onEpoch && { onEpoch }),
  });
  return model;
}

const straight = await run();
const { accuracy } = evaluate(straight, unseen, { loss: softmaxCrossEntropy });
console.log(`accuracy on unseen images: ${accuracy}`);

const folder = await mkdtemp(join(tmpdir(), "thalweg-"));
const file = checkpointFile(join(folder, "digits.safetensors"));
const abort = new AbortController();
try {
  await run({ file, signal: abort.signal, onEpoch: ({ epoch }) => epoch === 5 && abort.abort() });
} catch (error) {
  console.log(`interrupted: ${error.name}`);
}
const resumed = await run({ file, resume: await file.load() });

const weights = (model) => model.parameters().flatMap((tensor) => [...tensor.toArray()]);
const [one, other] = [weights(straight), weights(resumed)];
console.log(`same bits after resuming: ${one.every((value, i) => Object.is(value, other[i]))}`);

engine.dispose();
await rm(folder, { recursive: true });
