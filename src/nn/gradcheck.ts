import { checkKeys, checkNumber, checkPositive, checkWhole, rangeError, typeError } from "../check.js";
import { Tensor } from "../engine/tensor.js";
import { greatest } from "../math/extremes.js";
import type { Loss } from "./loss.js";
import { Model } from "./sequential.js";

/** Options of {@link gradcheck}. */
export interface GradcheckOptions {
  /** Number of elements to check in each tensor, spread evenly. Default 64; a number above its size means all. */
  samples?: number;
  /**
   * The largest step, relative to the larger of 1 and the element's absolute value. Default 1/8; smaller steps are
   * noisier.
   */
  step?: number;
}

/** The element with the largest error. */
export interface GradcheckResult {
  /** |analytic − numeric|, relative to the largest numeric gradient found in its tensor. */
  error: number;
  /** The tensor: a parameter's name, "x" for the input, or "tensors[i]". */
  name: string;
  /** Position in the tensor, row-major. */
  index: number;
  analytic: number;
  numeric: number;
}

interface Checked {
  name: string;
  tensor: Tensor;
  analytic: Float32Array;
}

/**
 * Compares gradients with central differences, and returns the largest relative error and its position. As values are
 * f32, the error of a correct gradient is usually below 1e-3, that of a wrong one 1e-2 or more. Near the kink of a relu
 * differences are meaningless: try other inputs before you trust an error.
 *
 * There are two forms. `gradcheck(model, loss, x, target)` checks all parameters and the input, with a fixed dropout
 * mask. `gradcheck(f, tensors)` checks any f: () => number that computes a value from the tensors and adds its
 * gradients to their `grad`. Everything that is changed in the process is restored.
 *
 * Each derivative is estimated at steps h, h/4 and h/16 as (f(x + h) − f(x − h)) / 2h; Richardson extrapolation of
 * neighbouring steps removes the error in h². Of these estimates, the one with the smallest error is used: the sum of
 * truncation, judged by the difference of neighbours, and rounding (after Ridders, Advances in Engineering Software 4,
 * 1982). That takes seven evaluations per element.
 * @throws TypeError or RangeError for bad arguments; a wrong gradient is not an error but a result
 * @example
 * const { error, name, index } = gradcheck(model, mse, x, target);
 * const product = gradcheck(() => {
 *   a.grad[0] += b.data[0]; // of a · b
 *   b.grad[0] += a.data[0];
 *   return a.data[0] * b.data[0];
 * }, [a, b]);
 */
export function gradcheck(
  model: Model,
  loss: Loss,
  x: Tensor,
  target: Tensor | Int32Array,
  options?: GradcheckOptions,
): GradcheckResult;
export function gradcheck(f: () => number, tensors: readonly Tensor[], options?: GradcheckOptions): GradcheckResult;
export function gradcheck(subject: Model | (() => number), ...rest: unknown[]): GradcheckResult {
  if (subject instanceof Model) return checkModel(subject, ...(rest as [Loss, Tensor, Tensor | Int32Array]));
  if (typeof subject === "function") return checkFunction(subject, ...(rest as [Tensor[]]));
  throw typeError("gradcheck", "a model made by sequential(), or a function", subject);
}

function checkModel(
  model: Model,
  loss: Loss,
  x: Tensor,
  target: Tensor | Int32Array,
  options: GradcheckOptions = {},
): GradcheckResult {
  checkOptions(options);
  if (typeof loss !== "function") throw typeError("loss", "a loss such as mse", loss);
  model.engine.checkTensor("x", x, 2);
  const { generatorState } = model;
  const named = model.namedParameters();
  const before = named.map(([, tensor]) => (tensor.hasGradient ? tensor.grad.slice() : undefined));
  const value = () => {
    model.generatorState = generatorState; // the same dropout mask every time
    return loss(model.forward(x), target);
  };
  try {
    const { grad } = value();
    for (const [, tensor] of named) tensor.grad.fill(0);
    const dx = model.backward(grad)!;
    const checked: Checked[] = named.map(([name, tensor]) => ({ name, tensor, analytic: tensor.grad.slice() }));
    checked.push({ name: "x", tensor: x, analytic: dx.toArray() });
    return worst(() => value().value, checked, options);
  } finally {
    model.generatorState = generatorState;
    for (const [i, [, { grad }]] of named.entries()) grad.set(before[i] ?? new Float32Array(grad.length));
  }
}

function checkFunction(f: () => number, tensors: readonly Tensor[], options: GradcheckOptions = {}): GradcheckResult {
  checkOptions(options);
  if (!Array.isArray(tensors)) throw typeError("tensors", "an array of tensors", tensors);
  if (tensors.length === 0) throw rangeError("tensors", "at least one tensor", tensors);
  tensors.forEach((tensor, i) => {
    if (!(tensor instanceof Tensor)) throw typeError(`tensors[${i}]`, "a tensor", tensor);
    tensor.alive(`tensors[${i}]`);
  });
  const before = tensors.map((tensor) => tensor.grad.slice());
  try {
    for (const { grad } of tensors) grad.fill(0);
    checkNumber("f", f(), "a function of a finite value", () => true);
    const checked = tensors.map((tensor, i) => ({ name: `tensors[${i}]`, tensor, analytic: tensor.grad.slice() }));
    return worst(f, checked, options);
  } finally {
    for (const [i, { grad }] of tensors.entries()) grad.set(before[i]!);
  }
}

function worst(f: () => number, checked: readonly Checked[], o: GradcheckOptions): GradcheckResult {
  const { samples = 64, step = 1 / 8 } = o;
  let found: GradcheckResult = { error: -1, name: "", index: 0, analytic: 0, numeric: 0 };
  for (const { name, tensor, analytic } of checked) {
    const count = Math.min(samples, tensor.size);
    const indices = Array.from({ length: count }, (_, i) => Math.floor((i * tensor.size) / count));
    const numeric = indices.map((index) => derivative(f, tensor, index, step));
    // If all are 0 a relative error would be infinite: the floor keeps the noise of f32 from counting.
    const largest = Math.max(greatest(numeric.map(Math.abs)), 1e-6);
    for (const [i, index] of indices.entries()) {
      const gap = Math.abs(analytic[index] - numeric[i]);
      const error = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap / largest;
      if (error > found.error) found = { error, name, index, analytic: analytic[index], numeric: numeric[i] };
    }
  }
  return found;
}

/** The numeric derivative of f by one element, which is changed and restored. */
function derivative(f: () => number, tensor: Tensor, index: number, step: number): number {
  const value = tensor.data[index];
  const at = (x: number): number => {
    tensor.data[index] = x;
    return f();
  };
  const central = (h: number): number => {
    const above = Math.fround(value + h);
    const below = Math.fround(value - h);
    return (at(above) - at(below)) / (above - below);
  };
  try {
    const h = step * Math.max(1, Math.abs(value));
    const [d1, d2, d3] = [central(h), central(h / 4), central(h / 16)] as const;
    const [e1, e2] = [(16 * d2 - d1) / 15, (16 * d3 - d2) / 15] as const;
    // The rounding error of f in a difference over h / 4; in one over h / 16 it is four times that.
    const noise = (Math.abs(at(value)) * 2 ** -22) / (h / 4);
    const candidates = [
      { estimate: e1, error: Math.abs(e1 - d2) / 4 + noise },
      { estimate: e2, error: Math.abs(e2 - e1) + 4 * noise },
      { estimate: d2, error: Math.abs(d2 - d1) + noise },
      { estimate: d3, error: Math.abs(d3 - d2) + 4 * noise },
    ];
    return candidates.reduce((best, one) => (one.error < best.error ? one : best)).estimate;
  } finally {
    tensor.data[index] = value;
  }
}

function checkOptions(options: GradcheckOptions): void {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("gradcheck", options, ["samples", "step"]);
  const { samples = 64, step = 1 / 8 } = options;
  checkWhole("samples", samples);
  checkPositive("step", step);
}
