import { gt, max, mul, select, sub } from "../f32.js";
import * as math from "../math.js";
import type { Layer } from "./layer.js";

// The twins of assembly/activation.ts. Backward kernels take the output y, and turn the gradient d with respect to y
// into the one with respect to the input, in place.

function relu_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = max(x[i]!, 0);
}
function reluBackward(n: number, y: Float32Array, d: Float32Array): void {
  for (let i = 0; i < n; i++) d[i] = select(gt(y[i]!, 0), d[i]!, 0);
}
function sigmoid_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = math.sigmoid(x[i]!);
}
function sigmoidBackward(n: number, y: Float32Array, d: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const s = y[i]!;
    d[i] = mul(d[i]!, mul(s, sub(1, s)));
  }
}
function tanh_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = math.tanh(x[i]!);
}
function tanhBackward(n: number, y: Float32Array, d: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const s = y[i]!;
    d[i] = mul(d[i]!, sub(1, mul(s, s)));
  }
}

/** The activation kernels by the names of the binary. */
export const activationKernels = {
  relu: relu_,
  reluBackward,
  sigmoid: sigmoid_,
  sigmoidBackward,
  tanh: tanh_,
  tanhBackward,
};

type Elementwise = (n: number, x: Float32Array, y: Float32Array) => void;

function activation(name: string, forward: Elementwise, backward: Elementwise): Layer {
  return {
    name,
    parameters: [],
    inPlace: true,
    bind(engine) {
      const run = engine.memory.kernel(name, forward, "nxx");
      const runBackward = engine.memory.kernel(`${name}Backward`, backward, "nxx");
      return {
        forward: (x, y) => run(y.place.length, x.ref, y.ref),
        backward: (_, y, dy) => runBackward(y.place.length, y.ref, dy.ref),
      };
    },
  };
}

/**
 * The rectifier y = max(x, 0); its derivative at 0 is 0. Nair & Hinton, ICML 2010.
 * @example
 * sequential(engine, [dense(4, 8, { init: "heUniform" }), relu(), dense(8, 1)], { seed: 1 });
 */
export const relu = (): Layer => activation("relu", relu_, reluBackward);

/**
 * The logistic function y = 1 / (1 + e^−x), with dy/dx = y (1 − y). Rumelhart, Hinton & Williams 1986, eq. 2.
 * @example
 * sequential(engine, [dense(6, 2), sigmoid(), dense(2, 1), sigmoid()], { seed: 1 });
 */
export const sigmoid = (): Layer => activation("sigmoid", sigmoid_, sigmoidBackward);

/**
 * y = tanh x, with dy/dx = 1 − y².
 * @example
 * sequential(engine, [dense(2, 8, { init: "glorotUniform" }), tanh(), dense(8, 1)], { seed: 1 });
 */
export const tanh = (): Layer => activation("tanh", tanh_, tanhBackward);
