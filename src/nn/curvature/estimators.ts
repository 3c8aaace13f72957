import { checkKeys, checkNumber, checkWhole } from "../../check.js";
import { extraKernels } from "../../engine/extraKernels.js";
import type { Tensor } from "../../engine/tensor.js";
import { uniform } from "../../math/f32.js";
import { counterKey } from "../../math/random.js";
import type { Loss } from "../loss.js";
import type { GeneratorState, Model } from "../sequential.js";
import { Workspace } from "./differential.js";
import { checkBatch, multiply } from "./hessianVectorProduct.js";
import { checkedKind, softmax } from "./lossHessian.js";
import { type CurvatureBatch, checkModel, checkOut, into, Passes } from "./passes.js";

/** Options of {@link gaussNewtonBartlett}. */
export interface EstimateOptions {
  /**
   * Seed of the draws, which are a function of seed, step and position alone: the same on every backend and number of
   * threads, and in a run that is resumed. Default: the seed of the model.
   */
  seed?: number;
  /**
   * The number of the estimate, such as `opt.stepCount`: another step draws other numbers. Default: the model's number of
   * passes in training mode, which is part of a checkpoint. In evaluation mode that stands still: give a step there.
   */
  step?: number;
  /** Tensors of the parameters' shapes that receive the estimate. Default: new ones. */
  out?: readonly Tensor[];
}

/** Options of {@link hutchinson}. */
export interface HutchinsonOptions extends EstimateOptions {
  /** Estimates to average, each of a product of its own. Default 1. */
  samples?: number;
}

// Digits of pi, behind those that dropout has.
const SIGNS = [0x03707344, 0xa4093822] as const;
const LABELS = [0x299f31d0, 0x082efa98] as const;

/**
 * Hutchinson's estimate of the diagonal of the Hessian of a model's loss over a batch: its mean over v is exact.
 *
 * ```
 * diag(H) ≈ v ∘ Hv        v: +1 or −1, each with probability ½
 * ```
 * Hv is that of {@link hessianVectorProduct}, and so are the errors and what changes. The estimate goes to
 * `opt.updateHessian` of `sophiaH`.
 *
 * Bekas, Kokiopoulou & Saad, An estimator for the diagonal of a matrix, Applied Numerical Mathematics 57, 2007; Liu et al.,
 * Sophia, 2023, algorithm 1.
 *
 * @returns `out`, or new tensors, one for each of `model.parameters()`, of its shape, which belong to the caller
 * @example
 * const opt = sophiaH(model.parameters(), { lr: 0.01 });
 * if (opt.stepCount % 10 === 0) opt.updateHessian(model.parameters(), hutchinson(model, mse, { x, y: target }));
 */
export function hutchinson(
  model: Model,
  loss: Loss,
  batch: CurvatureBatch,
  options: HutchinsonOptions = {},
): readonly Tensor[] {
  checkBatch(batch);
  const parameters = checkModel(model, batch.x);
  const kind = checkedKind(loss);
  checkKeys("hutchinson", options, ["seed", "step", "samples", "out"]);
  const { samples = 1 } = options;
  checkWhole("samples", samples);
  const at = drawn(model, options);
  const given = checkOut(model, options.out, [batch.x, batch.y]);
  const { engine } = model;
  const { axpy, copy, scale } = engine.kernels;
  const { multiply: multiplyElements } = extraKernels(engine);
  return into(model, given, (out) => {
    const passes = new Passes(model, batch.x);
    const space = new Workspace(engine);
    try {
      const v = parameters.map(({ shape }) => space.make(shape));
      // A single product goes where it is wanted. Several are added up elsewhere: the second may find no memory.
      const product = samples > 1 ? parameters.map(({ shape }) => space.make(shape)) : out;
      const sum = samples > 1 ? parameters.map(({ shape }) => space.make(shape)) : undefined;
      for (let sample = 0; sample < samples; sample++) {
        drawSigns(v, at, sample);
        const { grad } = loss(passes.prediction, batch.y); // every product overwrites it
        multiply(passes, kind, true, grad, batch.y, v, product);
        for (const [i, { place }] of v.entries()) {
          multiplyElements(place.length, v[i].ref, product[i].ref, product[i].ref);
          if (sum) axpy(place.length, product[i].ref, sum[i].ref, 1);
        }
      }
      for (const [i, one] of (sum ?? []).entries()) {
        copy(one.place.length, one.ref, out[i].ref);
        scale(one.place.length, out[i].ref, 1 / samples);
      }
      passes.count();
    } finally {
      space.dispose();
      passes.dispose();
    }
  });
}

/**
 * The Gauss–Newton–Bartlett estimate of the diagonal of the Gauss–Newton matrix of a classifier, whose outputs are logits
 * trained by softmax cross-entropy: labels are drawn from its own softmax, and the gradient that they give is squared. Its
 * mean over labels is exact, and it is never negative. It costs about as much as a training step.
 *
 * ```
 * diag(G) ≈ B ĝ²        ĝ: the gradient of the mean cross-entropy over the B rows, with ŷ ~ softmax(f(x)) as labels
 * ```
 * Parameters, gradients, and what the model keeps of its own passes stay as they are; in training mode the call counts as a
 * pass, as with {@link hessianVectorProduct}. The estimate goes to `opt.updateHessian` of `sophiaG`; the authors' code
 * keeps the average of ĝ² there, and multiplies by B at the step.
 *
 * Liu et al., Sophia: a scalable stochastic second-order optimizer for language model pre-training, 2023
 * (arXiv:2305.14342), algorithm 2.
 *
 * @param batch { x }: inputs; no targets are needed
 * @returns `out`, or new tensors, one for each of `model.parameters()`, of its shape, which belong to the caller
 * @throws TypeError or RangeError for tensors of other shapes, and when memory runs out; nothing has changed then
 * @example
 * const opt = sophiaG(model.parameters(), { lr: 0.01 });
 * if (opt.stepCount % 10 === 0) opt.updateHessian(model.parameters(), gaussNewtonBartlett(model, { x }));
 */
export function gaussNewtonBartlett(
  model: Model,
  batch: Pick<CurvatureBatch, "x">,
  options: EstimateOptions = {},
): readonly Tensor[] {
  checkBatch(batch);
  const parameters = checkModel(model, batch.x);
  checkKeys("gaussNewtonBartlett", options, ["seed", "step", "out"]);
  const at = drawn(model, options);
  const given = checkOut(model, options.out, [batch.x]);
  const { engine } = model;
  const { scale } = engine.kernels;
  const { multiply: multiplyElements } = extraKernels(engine);
  return into(model, given, (out) => {
    const passes = new Passes(model, batch.x);
    const space = new Workspace(engine);
    try {
      const { prediction } = passes;
      const [rows] = prediction.shape;
      const tangents = passes.along(space, undefined, out);
      const grad = space.make(prediction.shape);
      tangents.reserve(false, false);
      labelGradient(prediction, at, grad);
      tangents.backward(undefined, grad, false);
      for (let i = 0; i < parameters.length; i++) {
        const { ref, place } = out[i];
        multiplyElements(place.length, ref, ref, ref);
        scale(place.length, ref, rows);
      }
      passes.count();
    } finally {
      space.dispose();
      passes.dispose();
    }
  });
}

/** Where the draws of an estimate are. */
function drawn(model: Model, { seed, step }: EstimateOptions): GeneratorState {
  const own = model.generatorState;
  const at = { seed: seed ?? own.seed, step: step ?? own.step };
  checkNumber("seed", at.seed, "a whole number", Number.isSafeInteger);
  checkWhole("step", at.step, 0);
  return at;
}

/** Bits of one draw. */
const BITS = 24;

/**
 * Fills v with +1 and −1, a bit for each element, counted over all parameters. A draw for each element instead took 0.7 of
 * a training step of 784-512-256-10 x128.
 */
function drawSigns(v: readonly Tensor[], at: GeneratorState, sample: number): void {
  const key0 = counterKey(at, sample, SIGNS[0]);
  const key1 = counterKey(at, sample, SIGNS[1]);
  let counter = 0;
  let bits = 0;
  let left = 0;
  for (const { data } of v) {
    for (let i = 0; i < data.length; i++, left--, bits >>= 1) {
      if (left === 0) {
        bits = uniform(counter++, key0, key1) * 2 ** BITS;
        left = BITS;
      }
      data[i] = (bits & 1) === 0 ? -1 : 1;
    }
  }
}

/** The gradient (softmax − onehot) / rows of the mean cross-entropy, for a label of each row drawn from its softmax. */
function labelGradient(logits: Tensor, at: GeneratorState, into: Tensor): void {
  const [rows, columns] = logits.shape as [number, number];
  const key0 = counterKey(at, 0, LABELS[0]);
  const key1 = counterKey(at, 0, LABELS[1]);
  const [xs, out] = [logits.data, into.data];
  const p = new Float64Array(columns);
  for (let r = 0, from = 0; r < rows; r++, from += columns) {
    softmax(xs, from, p);
    const draw = uniform(r, key0, key1);
    let label = 0;
    for (let below = p[0]; label < columns - 1 && !(draw < below); ) below += p[++label];
    for (let j = 0; j < columns; j++) out[from + j] = (p[j] - (j === label ? 1 : 0)) / rows;
  }
}
