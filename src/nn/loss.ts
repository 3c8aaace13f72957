import { rangeError, show, typeError } from "../check.js";
import type { EngineCore } from "../engine/core.js";
import { checkTensor, Tensor } from "../engine/tensor.js";
import elementwiseBinary from "../engine/wasm/binaries/nn/elementwiseLoss.js";
import lossBinary from "../engine/wasm/binaries/nn/loss.js";
import { lossKernels, lossPartitions } from "./lossKernels.js";

/** A loss and its gradient with respect to the prediction: the prediction's `grad`, which the next call overwrites. */
export interface LossResult {
  value: number;
  grad: Tensor;
}

/** A loss as `train` takes it. Targets are values of the prediction's shape, or class numbers, one per row. */
export type Loss = (prediction: Tensor, target: Tensor | Int32Array) => LossResult;

/** A loss that can be used as it is, or `with` options. */
export type ConfigurableLoss<Options> = Loss & {
  /** Makes a loss with these options. */
  with(options: Options): Loss;
};

const bindings = new WeakMap<EngineCore, ReturnType<typeof bind>>();
const bind = (engine: EngineCore) => engine.bind(lossKernels, lossPartitions, [lossBinary, elementwiseBinary]);

/** The loss kernels, bound to an engine at first use. */
export function kernelsOf(engine: EngineCore): ReturnType<typeof bind> {
  let bound = bindings.get(engine);
  if (bound === undefined) {
    bound = bind(engine);
    bindings.set(engine, bound);
  }
  return bound;
}

/** The engine of a prediction, which is checked to be a live tensor. */
export function engineOf(prediction: Tensor): EngineCore {
  if (!(prediction instanceof Tensor)) throw typeError("prediction", "a tensor", prediction);
  checkTensor("prediction", prediction, prediction.engine);
  return prediction.engine;
}

export function checkSameShape(engine: EngineCore, prediction: Tensor, target: Tensor): void {
  checkTensor("target", target, engine);
  const same =
    target.shape.length === prediction.shape.length && target.shape.every((d, i) => d === prediction.shape[i]);
  if (!same) throw rangeError("target", `shape ${show(prediction.shape)}, as the prediction`, target.shape);
}

/** Refuses class numbers and values of another shape, for a loss over values. */
export function checkValuesTarget(
  name: string,
  engine: EngineCore,
  prediction: Tensor,
  target: Tensor | Int32Array,
): asserts target is Tensor {
  if (!(target instanceof Tensor))
    throw typeError("target", `a tensor of shape ${show(prediction.shape)} for ${name}`, target);
  checkSameShape(engine, prediction, target);
}
