import { rangeError, show, typeError } from "../check.js";
import type { Engine } from "../engine/engine.js";
import { Tensor } from "../engine/tensor.js";
import elementwiseCode from "../engine/wasm/binaries/nn/elementwiseLoss.js";
import lossCode from "../engine/wasm/binaries/nn/loss.js";
import { lossForms, lossKernels } from "./lossKernels.js";

/** A loss and its gradient with respect to the prediction, which lives in the prediction's `grad` and is overwritten by the next call. */
export interface LossResult {
  value: number;
  grad: Tensor;
}

/** A loss as `train` takes it. Targets are values of the prediction's shape, or class numbers, one a row. */
export type Loss = (prediction: Tensor, target: Tensor | Int32Array) => LossResult;

/** A loss that can be used as it is, and `with` options. */
export type ConfigurableLoss<Options> = Loss & {
  /** The same loss with these options: a loss of its own. */
  with(options: Options): Loss;
};

const bindings = new WeakMap<Engine, ReturnType<typeof bind>>();
const bind = (engine: Engine) => engine.bind(lossKernels, lossForms, [lossCode, elementwiseCode]);

export function kernelsOf(engine: Engine): ReturnType<typeof bind> {
  let bound = bindings.get(engine);
  if (bound === undefined) {
    bound = bind(engine);
    bindings.set(engine, bound);
  }
  return bound;
}

export function engineOf(prediction: Tensor): Engine {
  if (!(prediction instanceof Tensor)) throw typeError("prediction", "a tensor", prediction);
  prediction.engine.checkTensor("prediction", prediction);
  return prediction.engine;
}

export function checkSameShape(engine: Engine, prediction: Tensor, target: Tensor): void {
  engine.checkTensor("target", target);
  const same =
    target.shape.length === prediction.shape.length && target.shape.every((d, i) => d === prediction.shape[i]);
  if (!same) throw rangeError("target", `shape ${show(prediction.shape)}, as the prediction`, target.shape);
}

/** Refuses class numbers, for a loss over values. */
export function checkValuesTarget(
  name: string,
  engine: Engine,
  prediction: Tensor,
  target: Tensor | Int32Array,
): asserts target is Tensor {
  if (!(target instanceof Tensor))
    throw typeError("target", `a tensor of shape ${show(prediction.shape)} for ${name}`, target);
  checkSameShape(engine, prediction, target);
}
