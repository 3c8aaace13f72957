import { rangeError, typeError } from "../../check.js";
import type { EngineCore } from "../../engine/core.js";
import { Tensor } from "../../engine/tensor.js";
import type { ParamGroup } from "./optimizer.js";

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
  checkApart(name, [...taken, ...(params as Tensor[])]);
}

/** Refuses attached arrays that share numbers: one step would write them twice, each time from the numbers before it. */
function checkApart(name: string, tensors: readonly Tensor[]): void {
  const ends = new Map<ArrayBufferLike, number>();
  const arrays = tensors.filter((tensor) => tensor.attached).map(({ data }) => data);
  for (const { buffer, byteOffset, byteLength } of arrays.sort((a, b) => a.byteOffset - b.byteOffset)) {
    if (byteOffset < ends.get(buffer)!)
      throw new RangeError(`${name}.params: expected arrays that share no memory, got two that overlap`);
    ends.set(buffer, byteOffset + byteLength);
  }
}

/** The groups of a factory's first argument; refuses anything whose first tensor, and with it the engine, cannot be had. */
export function groupsOf<H>(params: unknown, hyper: unknown): readonly ParamGroup<H>[] {
  if (!Array.isArray(params)) throw typeError("params", "an array of tensors or of groups", params);
  if (params.length === 0) throw rangeError("params", "at least one tensor", params);
  if (typeof hyper !== "object" || hyper === null) throw typeError("hyper", "an object of hyperparameters", hyper);
  if (params.every((item) => item instanceof Tensor)) return [{ params } as unknown as ParamGroup<H>];
  const [head] = params as unknown[];
  if (head instanceof Tensor) {
    const i = params.findIndex((item) => !(item instanceof Tensor));
    const other = params[i] as unknown;
    if (typeof other === "object" && other !== null && "params" in other)
      throw typeError("params", "tensors, or groups { params: [tensors] }, not both", params);
    throw typeError(`params[${i}]`, "a tensor", other);
  }
  const own = (head as ParamGroup<H> | null)?.params as unknown;
  if (!Array.isArray(own)) throw typeError("params[0]", "a tensor, or a group { params: [tensors] }", head);
  if (own.length === 0) throw rangeError("groups[0].params", "at least one tensor", own);
  if (!(own[0] instanceof Tensor)) throw typeError("groups[0].params[0]", "a tensor", own[0]);
  return params as readonly ParamGroup<H>[];
}
