import { checkBoolean, checkKeys, checkNonNegative, checkWhole } from "../check.js";
import type { Engine } from "../engine/engine.js";
import { reduceKernels } from "../engine/js/reduce.js";
import { Slab } from "../engine/slab.js";
import type { Tensor } from "../engine/tensor.js";
import binary from "../engine/wasm/binaries/nn/layerNorm.js";
import { add, mul, sub } from "../math/f32.js";
import { Buffers } from "./buffers.js";
import { layerOfKind } from "./derivatives.js";
import type { BoundLayer, Layer } from "./layer.js";

// The twins of assembly/nn/layerNorm.ts.
const { dot, sum } = reduceKernels;

function layerNorm_(
  rows: number,
  width: number,
  x: Float32Array,
  w: Float32Array,
  b: Float32Array,
  y: Float32Array,
  stats: Float32Array,
  eps: number,
): void {
  for (let r = 0, from = 0; r < rows; r++, from += width) {
    const mean = Math.fround(sum(width, x, from) / width);
    for (let j = 0, i = from; j < width; j++, i++) y[i] = sub(x[i], mean);
    const rstd = Math.fround(1 / Math.sqrt(dot(width, y, y, from, from) / width + eps));
    for (let j = 0, i = from; j < width; j++, i++) y[i] = add(mul(mul(y[i], rstd), w[j]), b[j]);
    stats[2 * r] = mean;
    stats[2 * r + 1] = rstd;
  }
}

function layerNormBackward(
  rows: number,
  width: number,
  x: Float32Array,
  w: Float32Array,
  stats: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
  dw: Float32Array,
  db: Float32Array,
  work: Float32Array,
): void {
  const sumW = width; // offsets in the working memory, which starts with the normalised row
  const sumB = 2 * width;
  work.fill(0, sumW, 3 * width);
  for (let r = 0, from = 0; r < rows; r++, from += width) {
    const mean = stats[2 * r];
    const rstd = stats[2 * r + 1];
    for (let j = 0, i = from; j < width; j++, i++) {
      const d = dy[i];
      const v = mul(sub(x[i], mean), rstd);
      work[j] = v;
      dx[i] = mul(d, w[j]);
      work[sumW + j] = add(work[sumW + j], mul(d, v));
      work[sumB + j] = add(work[sumB + j], d);
    }
    const c1 = Math.fround(sum(width, dx, from) / width);
    const c2 = Math.fround(dot(width, dx, work, from, 0) / width);
    for (let j = 0, i = from; j < width; j++, i++) {
      dx[i] = mul(rstd, sub(sub(dx[i], c1), mul(work[j], c2)));
    }
  }
  for (let j = 0; j < width; j++) {
    dw[j] = add(dw[j], work[sumW + j]);
    db[j] = add(db[j], work[sumB + j]);
  }
}

export const layerNormKernels = { layerNorm: layerNorm_, layerNormBackward };

/** Options of a layer norm. */
export interface LayerNormOptions {
  /** Added to the variance, ≥ 0; default 1e-5. */
  eps?: number;
  /** Whether to scale and shift by trainable weights (initially 1) and biases (initially 0). Default true. */
  affine?: boolean;
}

/**
 * Layer normalisation of each row: y = (x − mean) / √(variance + eps) · weight + bias, with the population variance and
 * with weight and bias of shape [width]. Ba, Kiros & Hinton 2016 (arXiv:1607.06450), eq. 3–4; PyTorch's `nn.LayerNorm`.
 * @param width of the rows
 * @throws RangeError for a width below 1 or an eps below 0
 * @example
 * sequential(engine, [dense(64, 32), layerNorm(32), relu(), dense(32, 10)], { seed: 1 });
 */
export function layerNorm(width: number, options: LayerNormOptions = {}): Layer {
  checkWhole("width", width);
  checkKeys("layerNorm", options, ["eps", "affine"]);
  const { eps = 1e-5, affine = true } = options;
  checkNonNegative("eps", eps);
  checkBoolean("affine", affine);
  const shape = [width];
  const fan = [width, width] as const;
  return {
    name: "layerNorm",
    inputs: width,
    outputs: width,
    parameters: affine
      ? [
          { name: "weight", shape, init: "ones", fan },
          { name: "bias", shape, init: "zeros", fan },
        ]
      : [],
    inPlace: false,
    backwardReads: "input",
    bind: (engine, own) => bound(engine, width, eps, own),
  };
}

function bound(engine: Engine, width: number, eps: number, [w, b]: readonly Tensor[]): BoundLayer {
  const run = engine.implementation.kernel(
    "layerNorm",
    layerNorm_,
    ["rows", "matrix", "same", "same", "matrix", "pairs"],
    [binary],
  );
  const runBackward = engine.implementation.kernel("layerNormBackward", layerNormBackward, undefined, [binary]);
  // Without trainable weights the same kernels run on constant ones and zeros, whose gradients are not used: this case
  // is too rare for a second pair of kernels.
  const [weight, bias, own] = w && b ? [w, b] : onesAndZeros(engine, width);
  const stats = new Buffers(engine, 2, "a model");
  let unread: Buffers | undefined; // receives the gradient with respect to the input if it is not wanted
  const unreadOf = (rows: number) => (unread ??= new Buffers(engine, width, "a model")).rows(rows);
  const layer: BoundLayer = {
    forward(x, y) {
      const rows = x.shape[0];
      run(rows, width, x.ref, weight.ref, bias.ref, y.ref, stats.rows(rows).ref, eps);
    },
    reserve(x, _, inputGrad) {
      if (!inputGrad) unreadOf(x.shape[0]);
      engine.scratch(3 * width);
      void weight.gradient;
    },
    backward(x, _, dy, dx) {
      const rows = x.shape[0];
      const into = dx ?? unreadOf(rows);
      const work = engine.scratch(3 * width);
      const dw = weight.gradient.ref;
      const db = bias.gradient.ref;
      runBackward(rows, width, x.ref, weight.ref, stats.rows(rows).ref, dy.ref, into.ref, dw, db, work);
    },
    dispose() {
      stats.dispose();
      unread?.dispose();
      own?.dispose();
    },
  };
  return layerOfKind(layer, { kind: "layerNorm", weight, stats: (rows) => stats.rows(rows) });
}

function onesAndZeros(engine: Engine, width: number): [Tensor, Tensor, Slab] {
  const slab = new Slab(engine, [[width], [width]], "a model");
  const [ones, zeros] = slab.tensors as [Tensor, Tensor];
  ones.data.fill(1);
  return [ones, zeros, slab];
}
