import { checkKeys, checkNumber, checkOneOf, checkPositive } from "../check.js";
import binary from "../engine/wasm/binaries/nn/smoothActivation.js";
import { abs, add, div, gt, lt, mul, neg, positive, select } from "../math/f32.js";
import * as math from "../math/math.js";
import { layerOfKind } from "./derivatives.js";
import type { BoundLayer, Layer } from "./layer.js";

// The twins of assembly/nn/smoothActivation.ts. Backward kernels read the input x and d, the gradient with respect to
// the output, and write e, the gradient with respect to the input.

const DENSITY = Math.fround(0.398942292); // 1 / sqrt(2 pi)

function gelu_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = mul(v, math.normalCdf(v, math.gaussian(v)));
  }
}
function geluBackward(n: number, x: Float32Array, d: Float32Array, e: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const g = math.gaussian(v);
    e[i] = mul(d[i], add(math.normalCdf(v, g), mul(v, mul(DENSITY, g))));
  }
}

const DOUBLE_ROOT = Math.fround(1.59576917); // 2 sqrt(2 / pi)
const CUBE = Math.fround(0.044715);
const CUBE3 = Math.fround(0.134145); // 3 CUBE

function geluTanh(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const u = mul(DOUBLE_ROOT, add(v, mul(mul(CUBE, v), mul(v, v))));
    y[i] = mul(v, math.sigmoid(u));
  }
}
function geluTanhBackward(n: number, x: Float32Array, d: Float32Array, e: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const square = mul(v, v);
    const u = mul(DOUBLE_ROOT, add(v, mul(mul(CUBE, v), square)));
    const du = mul(DOUBLE_ROOT, add(1, mul(CUBE3, square)));
    const t = math.exp(neg(abs(u)));
    const q = add(1, t);
    const s = div(select(lt(u, 0), t, 1), q);
    e[i] = mul(d[i], add(s, mul(mul(v, div(t, mul(q, q))), du)));
  }
}
function silu_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    y[i] = mul(v, math.sigmoid(v));
  }
}
function siluBackward(n: number, x: Float32Array, d: Float32Array, e: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const t = math.exp(neg(abs(v)));
    const q = add(1, t);
    const s = div(select(lt(v, 0), t, 1), q);
    e[i] = mul(d[i], add(s, mul(v, div(t, mul(q, q)))));
  }
}
function softplus_(n: number, x: Float32Array, y: Float32Array, beta: number, threshold: number): void {
  const B = Math.fround(beta);
  const T = Math.fround(threshold);
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const b = mul(B, v);
    const soft = div(add(positive(b), math.log1pUpTo1(math.exp(neg(abs(b))))), B);
    y[i] = select(gt(b, T), v, soft);
  }
}
function softplusBackward(
  n: number,
  x: Float32Array,
  d: Float32Array,
  e: Float32Array,
  beta: number,
  threshold: number,
): void {
  const B = Math.fround(beta);
  const T = Math.fround(threshold);
  for (let i = 0; i < n; i++) {
    const b = mul(B, x[i]);
    const g = d[i];
    e[i] = select(gt(b, T), g, mul(g, math.sigmoid(b)));
  }
}

// mish in e = e^-|x|: w = tanh(softplus(x)) = p / (p + q) and 1 - w = q / (p + q).
function mish_(n: number, x: Float32Array, y: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const e = math.exp(neg(abs(v)));
    const below = lt(v, 0);
    const p = add(mul(2, e), select(below, mul(e, e), 1));
    const q = mul(2, select(below, 1, mul(e, e)));
    y[i] = mul(v, div(p, add(p, q)));
  }
}
function mishBackward(n: number, x: Float32Array, d: Float32Array, e: Float32Array): void {
  for (let i = 0; i < n; i++) {
    const v = x[i];
    const u = math.exp(neg(abs(v)));
    const below = lt(v, 0);
    const p = add(mul(2, u), select(below, mul(u, u), 1));
    const q = mul(2, select(below, 1, mul(u, u)));
    const w = div(p, add(p, q));
    const s = div(select(below, u, 1), add(1, u));
    const slope = mul(div(q, add(p, q)), add(1, w));
    e[i] = mul(d[i], add(w, mul(mul(v, s), slope)));
  }
}

/** These kernels by their names in the binary. */
export const smoothKernels = {
  gelu: gelu_,
  geluBackward,
  geluTanh,
  geluTanhBackward,
  silu: silu_,
  siluBackward,
  softplus: softplus_,
  softplusBackward,
  mish: mish_,
  mishBackward,
};

type Forward = (n: number, x: Float32Array, y: Float32Array, a: number, b: number) => void;
type Backward = (n: number, x: Float32Array, d: Float32Array, e: Float32Array, a: number, b: number) => void;

/**
 * A layer whose backward pass needs its input, with up to two scalars. `name` is for a layer that is not named like its
 * kernel.
 */
function smooth(kernel: string, forward: Forward, backward: Backward, a = 0, b = 0, name = kernel): Layer {
  return {
    name,
    parameters: [],
    inPlace: false,
    backwardReads: "input",
    bind(engine) {
      const run = engine.implementation.kernel(kernel, forward, ["elements", "array", "array"], [binary]);
      const runBackward = engine.implementation.kernel(
        `${kernel}Backward`,
        backward,
        ["elements", "array", "array", "array"],
        [binary],
      );
      const bound: BoundLayer = {
        forward: (x, y) => run(y.place.length, x.ref, y.ref, a, b),
        backward(x, _, dy, dx) {
          if (dx) runBackward(dx.place.length, x.ref, dy.ref, dx.ref, a, b);
        },
      };
      return layerOfKind(bound, { kind: "elementwise", second: kernel, a, b });
    },
  };
}

/**
 * The Gaussian error linear unit y = x Φ(x), Φ the normal distribution function. Hendrycks & Gimpel 2016
 * (arXiv:1606.08415).
 * @param options.approximate "none" (default, as PyTorch) or "tanh": y = x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
 * @throws RangeError for another approximation
 * @example
 * sequential(engine, [dense(4, 8), gelu(), dense(8, 1)], { seed: 1 });
 */
export function gelu(options: { approximate?: "none" | "tanh" } = {}): Layer {
  checkKeys("gelu", options, ["approximate"]);
  const { approximate = "none" } = options;
  checkOneOf("approximate", approximate, ["none", "tanh"]);
  if (approximate === "tanh") return smooth("geluTanh", geluTanh, geluTanhBackward, 0, 0, "gelu");
  return smooth("gelu", gelu_, geluBackward);
}

/**
 * y = x / (1 + e^−x), also known as swish. Hendrycks & Gimpel 2016; Elfwing, Uchibe & Doya 2018.
 * @example
 * sequential(engine, [dense(4, 8), silu(), dense(8, 1)], { seed: 1 });
 */
export const silu = (): Layer => smooth("silu", silu_, siluBackward);

/**
 * The smooth rectifier y = ln(1 + e^(beta x)) / beta, and y = x where beta x > threshold. Dugas et al., NIPS 2000.
 * @param options.beta > 0: how sharp the bend is; default 1
 * @param options.threshold default 20, PyTorch's
 * @throws RangeError for a beta that is not above 0
 * @example
 * sequential(engine, [dense(4, 8), softplus(), dense(8, 1)], { seed: 1 });
 */
export function softplus(options: { beta?: number; threshold?: number } = {}): Layer {
  checkKeys("softplus", options, ["beta", "threshold"]);
  const { beta = 1, threshold = 20 } = options;
  checkPositive("beta", beta);
  checkNumber("threshold", threshold, "a finite number", () => true);
  return smooth("softplus", softplus_, softplusBackward, beta, threshold);
}

/**
 * y = x tanh(ln(1 + e^x)). Misra, BMVC 2020.
 * @example
 * sequential(engine, [dense(4, 8), mish(), dense(8, 1)], { seed: 1 });
 */
export const mish = (): Layer => smooth("mish", mish_, mishBackward);
