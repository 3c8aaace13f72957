import { rangeError, typeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import { Tensor } from "../../engine/tensor.js";

/** Refuses anything but a group of tensors of this engine, each given once and not `taken` by another group. */
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
