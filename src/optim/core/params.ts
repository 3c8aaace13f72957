import { rangeError, typeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
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

/** Refuses what is not a group of tensors of this engine, none of them `taken` by another group or given twice. */
export function checkGroup(name: string, group: unknown, engine: EngineCore, taken: readonly Tensor[]): void {
  if (typeof group !== "object" || group === null) throw typeError(name, "an object { params: [tensors] }", group);
  const { params } = group as { params: unknown };
  if (!Array.isArray(params)) throw typeError(`${name}.params`, "an array of tensors", params);
  if (params.length === 0) throw rangeError(`${name}.params`, "at least one tensor", params);
  const seen = new Set(taken);
  params.forEach((tensor, i) => {
    if (!(tensor instanceof Tensor)) throw typeError(`${name}.params[${i}]`, "a tensor", tensor);
    tensor.alive(`${name}.params[${i}]`);
    if (tensor.engine !== engine) {
      throw new TypeError(
        `${name}.params[${i}]: expected a tensor of the same engine as the others, got another engine's`,
      );
    }
    if (seen.has(tensor))
      throw new RangeError(`${name}.params[${i}]: expected each tensor once, got one for the second time`);
    seen.add(tensor);
  });
}
