// The kernels without the package: strict.wasm on a memory of our own, called by the numbers of docs/abi.md. Y = X W is fitted
// by least squares, with two products and a step of Adam a turn. examples/c/fit.c is the same program in C, with the same bits.
import { readFile } from "node:fs/promises";

// Nothing but the file is taken from the package; a page would fetch it.
const file = process.argv[2] ?? new URL(import.meta.resolve("thalweg/wasm/strict.wasm"));
const memory = new WebAssembly.Memory({ initial: 1 });
const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { memory } });
const { adam, alloc, dot, gemm, gemmBytes, subtract } = instance.exports;

const [rows, inputs, outputs, steps] = [64, 8, 4, 200];
const numbers = (length) => alloc(4 * length) >>> 0; // zeroed, and as long as kernels may write
const view = (at, length) => new Float32Array(memory.buffer, at, length); // made anew, as memory may have grown

const x = numbers(rows * inputs);
const y = numbers(rows * outputs);
const error = numbers(rows * outputs);
const size = inputs * outputs;
const [weights, gradient, m, v] = [numbers(size), numbers(size), numbers(size), numbers(size)];
const work = alloc(Math.max(gemmBytes(rows, outputs, inputs, 0), gemmBytes(inputs, outputs, rows, 0))) >>> 0;

// X is drawn, W is i / 10 - 1, and Y = X W.
let state = 1;
for (let i = 0; i < rows * inputs; i++) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  view(x, rows * inputs)[i] = (state >>> 8) / 2 ** 23 - 1;
}
for (let i = 0; i < size; i++) view(weights, size)[i] = i / 10 - 1;
gemm(4, 0, 0, rows, outputs, inputs, x, inputs, weights, outputs, y, outputs, 0, work);
view(weights, size).fill(0);

const [lr, beta1, beta2, eps] = [0.05, 0.9, 0.999, 1e-8];
let [beta1Power, beta2Power, loss] = [1, 1, 0];
for (let t = 1; t <= steps; t++) {
  // error = X W - Y; the gradient of the mean of its squares is 2 / (rows outputs) Xᵀ error.
  gemm(4, 0, 0, rows, outputs, inputs, x, inputs, weights, outputs, error, outputs, 0, work);
  subtract(rows * outputs, error, y, error);
  loss = dot(rows * outputs, error, error) / (rows * outputs);
  gemm(4, 1, 0, inputs, outputs, rows, x, inputs, error, outputs, gradient, outputs, 0, work);

  beta1Power *= beta1;
  beta2Power *= beta2;
  const stepSize = lr / (1 - beta1Power);
  const rootCorrection = 1 / Math.sqrt(1 - beta2Power);
  const squareRatio = Math.sqrt(1 - beta2) / (1 - beta1);
  const gradScale = 2 / (rows * outputs);
  const [denomScale, denomEps] = [rootCorrection / stepSize, eps / stepSize];
  adam(size, weights, gradient, m, v, gradScale, 0, beta1, 1 - beta1, beta2, squareRatio, denomScale, denomEps);
  if (t % 50 === 0) console.log(`step ${t}: loss ${loss.toExponential(6)}`);
}
const bits = new Uint32Array(memory.buffer, weights, size);
console.log(`weights ${Array.from(bits, (x) => x.toString(16).padStart(8, "0")).join(" ")}`);
