import { rangeError, typeError } from "../../check.js";
import { Tensor } from "../../engine/tensor.js";

/** Refuses what is not a list of live tensors. */
export function checkTensors(params: unknown): readonly Tensor[] {
  if (!Array.isArray(params)) throw typeError("params", "an array of tensors", params);
  if (params.length === 0) throw rangeError("params", "at least one tensor", params);
  params.forEach((tensor, i) => {
    if (!(tensor instanceof Tensor)) throw typeError(`params[${i}]`, "a tensor", tensor);
    tensor.alive(`params[${i}]`);
  });
  return params;
}

/** Of a list of tensors, refused unless it is one, those whose gradients count: made, and not frozen. */
export const checkParams = (params: unknown): readonly Tensor[] =>
  checkTensors(params).filter((tensor) => tensor.requiresGrad && tensor.hasGradient);
