// The parameters are an ndarray, whose memory the optimizer steps.
// npm install ndarray
import ndarray from "ndarray";
import { adam, createEngine } from "thalweg";

const engine = await createEngine();

// An ndarray is memory, a shape and strides. `attach` takes the memory, in row-major order and without gaps: no transposed
// view, and no part of another array. The gradient is one of the same layout.
const shape = [3, 2];
const weights = ndarray(new Float32Array(6), shape);
const gradient = ndarray(new Float32Array(6), shape);
const opt = adam([engine.attach(weights.data, { grad: gradient.data, shape })], { lr: 0.1 });

// (w[i, j] - (i - j))², summed.
for (let step = 0; step < 300; step++) {
  for (let i = 0; i < 3; i++) for (let j = 0; j < 2; j++) gradient.set(i, j, 2 * (weights.get(i, j) - (i - j)));
  opt.step();
}
console.log(`w[2, 0] = ${weights.get(2, 0).toFixed(2)}, w[0, 1] = ${weights.get(0, 1).toFixed(2)}`);
opt.dispose();
engine.dispose();
