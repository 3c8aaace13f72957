import { rangeError, typeError } from "../../check.js";
import { Tensor } from "../../engine/tensor.js";

/** Whether a step moves the parameter: it has a gradient and is not frozen. Others are skipped, as PyTorch skips a grad of None. */
export const moves = (tensor: Tensor): boolean => tensor.requiresGrad && tensor.hasGradient;

/** Refuses anything but a list of live tensors. */
export function checkTensors(params: unknown): readonly Tensor[] {
  if (!Array.isArray(params)) throw typeError("params", "an array of tensors", params);
  if (params.length === 0) throw rangeError("params", "at least one tensor", params);
  params.forEach((tensor, i) => {
    if (!(tensor instanceof Tensor)) throw typeError(`params[${i}]`, "a tensor", tensor);
    tensor.alive(`params[${i}]`);
  });
  return params;
}

/** The parameters of a list that a step would move. Refuses anything but a list of live tensors. */
export const checkMoving = (params: unknown): readonly Tensor[] => checkTensors(params).filter(moves);
