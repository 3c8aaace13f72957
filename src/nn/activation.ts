import { checkKeys, checkNonNegative } from "../check.js";
import type { Engine } from "../engine/engine.js";
import binary from "../engine/wasm/binaries/nn/activation.js";
import { add, gt, mul, positive, select, sub, where } from "../math/f32.js";
import * as math from "../math/math.js";
import { layerOfKind } from "./derivatives.js";
import { type Epilogue, fusible } from "./fuse.js";
import type { BoundLayer, Layer } from "./layer.js";

// The twins of assembly/nn/activation.ts. Backward kernels read the output y and overwrite d, the gradient with respect
// to y, by the gradient with respect to the input.

function relu_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = positive(x[i]);
}
function reluBackward(n: number, y: Float32Array, d: Float32Array): void {
  for (let i = 0; i < n; i++) d[i] = where(gt(y[i], 0), d[i]);
}
function addRowRelu(rows: number, columns: number, x: Float32Array, y: Float32Array): void {
  for (let r = 0, i = 0; r < rows; r++) for (let j = 0; j < columns; j++, i++) y[i] = positive(add(y[i], x[j]));
}
function reluBackwardRowSums(rows: number, columns: number, y: Float32Array, d: Float32Array, sums: Float32Array) {
  for (let j = 0; j < columns; j++) {
    let s = 0;
    for (let r = 0, i = j; r < rows; r++, i += columns) {
      d[i] = where(gt(y[i], 0), d[i]);
      s = add(s, d[i]);
    }
    sums[j] = add(sums[j], s);
  }
}
function leakyRelu_(n: number, x: Float32Array, y: Float32Array, slope: number): void {
  const S = Math.fround(slope);
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = select(gt(v, 0), v, mul(S, v));
  }
}
function leakyReluBackward(n: number, y: Float32Array, d: Float32Array, slope: number): void {
  const S = Math.fround(slope);
  for (let i = 0; i < n; i++) {
    const g = d[i];
    d[i] = select(gt(y[i], 0), g, mul(S, g));
  }
}
function elu_(n: number, x: Float32Array, y: Float32Array, scale: number, low: number): void {
  const S = Math.fround(scale);
  const L = Math.fround(low);
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = select(gt(v, 0), mul(S, v), mul(L, math.expm1(v)));
  }
}
function eluBackward(n: number, y: Float32Array, d: Float32Array, scale: number, low: number): void {
  const S = Math.fround(scale);
  const L = Math.fround(low);
  for (let i = 0; i < n; i++) {
    const s = y[i];
    d[i] = mul(d[i], select(gt(s, 0), S, add(s, L)));
  }
}
function sigmoid_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = math.sigmoid(x[i]);
}
function sigmoidBackward(n: number, y: Float32Array, d: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const s = y[i];
    d[i] = mul(d[i], mul(s, sub(1, s)));
  }
}
function tanh_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) y[i] = math.tanh(x[i]);
}
function tanhBackward(n: number, y: Float32Array, d: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const s = y[i];
    d[i] = mul(d[i], sub(1, mul(s, s)));
  }
}

/** These kernels by their names in the binary. */
export const activationKernels = {
  relu: relu_,
  reluBackward,
  addRowRelu,
  reluBackwardRowSums,
  leakyRelu: leakyRelu_,
  leakyReluBackward,
  elu: elu_,
  eluBackward,
  sigmoid: sigmoid_,
  sigmoidBackward,
  tanh: tanh_,
  tanhBackward,
};

type Elementwise = (n: number, x: Float32Array, y: Float32Array, a: number, b: number) => void;

/**
 * A layer that works in place, with up to two scalars. `name` is for a layer that is not named like its kernel; `curved`
 * says whether it has a second derivative.
 */
function activation(
  kernel: string,
  forward: Elementwise,
  backward: Elementwise,
  a = 0,
  b = 0,
  name = kernel,
  curved = true,
  epilogue?: (engine: Engine) => Epilogue,
): Layer {
  return {
    name,
    parameters: [],
    inPlace: true,
    backwardReads: "output",
    bind(engine) {
      const run = engine.implementation.kernel(kernel, forward, ["elements", "array", "array"], [binary]);
      const runBackward = engine.implementation.kernel(
        `${kernel}Backward`,
        backward,
        ["elements", "array", "array"],
        [binary],
      );
      const bound: BoundLayer = {
        forward: (x, y) => run(y.place.length, x.ref, y.ref, a, b),
        backward: (_, y, dy) => runBackward(y.place.length, y.ref, dy.ref, a, b),
      };
      if (epilogue) fusible(bound, epilogue(engine));
      return layerOfKind(bound, { kind: "elementwise", ...(curved && { second: kernel }) });
    },
  };
}

/**
 * The rectified linear unit y = max(x, 0); its derivative at 0 is 0. Nair & Hinton, ICML 2010.
 * @example
 * sequential(engine, [dense(4, 8, { init: "heUniform" }), relu(), dense(8, 1)], { seed: 1 });
 */
export const relu = (): Layer => activation("relu", relu_, reluBackward, 0, 0, "relu", false, reluEpilogue);

/**
 * Runs relu together with the bias before it, in one forward pass and one backward pass over the values. That saves 1
 * to 2 % of a step of 64-64-10 x32; for 784-512-256-10 x128, whose element-wise passes together are 1 %, no more than
 * the noise (±0.7 %). Gains of this size did not justify running it on each block inside the matrix product, nor fusing
 * other activations, each of which would need two further kernels. The backward pass stays on the caller's thread, as
 * do all sums of columns.
 */
function reluEpilogue({ implementation }: Engine): Epilogue {
  return {
    forward: implementation.kernel("addRowRelu", addRowRelu, ["rows", "same", "matrix"], [binary]),
    backward: implementation.kernel("reluBackwardRowSums", reluBackwardRowSums, undefined, [binary]),
  };
}

/**
 * The leaky rectifier y = x for x > 0, else slope · x. Maas, Hannun & Ng, ICML 2013.
 * @param options.slope ≥ 0, PyTorch's `negative_slope`; default 0.01
 * @throws RangeError for a slope below 0, whose backward pass would need the input
 * @example
 * sequential(engine, [dense(4, 8), leakyRelu({ slope: 0.2 }), dense(8, 1)], { seed: 1 });
 */
export function leakyRelu(options: { slope?: number } = {}): Layer {
  checkKeys("leakyRelu", options, ["slope"]);
  const { slope = 0.01 } = options;
  checkNonNegative("slope", slope);
  return activation("leakyRelu", leakyRelu_, leakyReluBackward, slope, 0, "leakyRelu", false);
}

/**
 * The exponential linear unit y = x for x > 0, else alpha (e^x − 1). Clevert, Unterthiner & Hochreiter, ICLR 2016.
 * @param options.alpha ≥ 0: the output tends to −alpha; default 1
 * @throws RangeError for an alpha below 0
 * @example
 * sequential(engine, [dense(4, 8), elu(), dense(8, 1)], { seed: 1 });
 */
export function elu(options: { alpha?: number } = {}): Layer {
  checkKeys("elu", options, ["alpha"]);
  const { alpha = 1 } = options;
  checkNonNegative("alpha", alpha);
  return activation("elu", elu_, eluBackward, 1, alpha);
}

// The fixed point of mean 0 and variance 1, to f64 (Klambauer et al., eq. 14).
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * The self-normalising unit y = s x for x > 0, else s α (e^x − 1), with α = 1.6733 and s = 1.0507: with weights of
 * variance 1/in, mean 0 and variance 1 are a fixed point of a layer. Klambauer et al., NeurIPS 2017.
 * @example
 * sequential(engine, [dense(4, 8), selu(), dense(8, 1)], { seed: 1 });
 */
export const selu = (): Layer => activation("elu", elu_, eluBackward, SELU_SCALE, SELU_SCALE * SELU_ALPHA, "selu");

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
