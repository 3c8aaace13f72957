// A layer of your own: y = scale · sin(x), with a learned scale for each column. It reads and writes the engine's memory
// through `data` and `grad`, so it runs on every backend. gradcheck holds its gradients against differences.
import { adam, createEngine, dense, gradcheck, mse, sequential, tanh } from "thalweg";

/** @returns {import("thalweg").Layer} */
function sine(width) {
  return {
    name: "sine",
    inputs: width,
    outputs: width,
    parameters: [{ name: "weight", shape: [width], init: "ones", fan: [width, width] }],
    inPlace: false, // the output has memory of its own
    backwardReads: "input",
    bind: (_engine, [scale]) => ({
      // Values are [rows, width].
      forward(x, y) {
        const [from, to, s] = [x.data, y.data, scale.data];
        for (let i = 0; i < from.length; i++) to[i] = s[i % width] * Math.sin(from[i]);
      },
      // Adds to the gradients of the parameters, and writes that of the input, unless nobody wants it.
      backward(x, _y, dy, dx) {
        const [from, slope, s, grad] = [x.data, dy.data, scale.data, scale.grad];
        for (let i = 0; i < from.length; i++) grad[i % width] += slope[i] * Math.sin(from[i]);
        if (!dx) return;
        const to = dx.data;
        for (let i = 0; i < from.length; i++) to[i] = slope[i] * s[i % width] * Math.cos(from[i]);
      },
    }),
  };
}

const engine = await createEngine();
const model = sequential(engine, [dense(1, 16), sine(16), dense(16, 8), tanh(), dense(8, 1)], { seed: 1 });
const rows = 64;
const x = engine.tensor(
  [rows, 1],
  Float32Array.from({ length: rows }, (_, i) => i / 8 - 4),
);
const target = engine.tensor(
  [rows, 1],
  x.data.map((value) => Math.sin(2 * value)),
);

const { error } = gradcheck(model, mse, x, target);
console.log(`gradients agree with differences: ${error < 1e-2}`);

const opt = adam(model.parameters(), { lr: 0.01 });
let loss = 0;
for (let step = 0; step < 500; step++) {
  const { value, grad } = mse(model.forward(x), target);
  loss = value;
  model.backward(grad);
  opt.step(undefined, { zeroGrad: true });
}
console.log(`loss ${loss.toExponential(1)}`);
engine.dispose();
