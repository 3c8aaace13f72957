import type { Binaries, Partitions, Ref } from "../../engine/backend.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";

type Table = Record<string, (...args: never[]) => unknown>;

/**
 * Kernels over rows that a rule calls itself, bound to an engine at first use. Their binary comes first in the rule's
 * `binaries`: it is loaded with the rule's update kernels then, and a step that binds them takes no memory.
 */
export function rowKernels<T extends Table>(twins: T, binaries: Binaries, partitions: Partitions<T> = {}) {
  const bind = (engine: EngineCore) => engine.bind(twins, partitions, binaries);
  const bindings = new WeakMap<EngineCore, ReturnType<typeof bind>>();
  return (engine: EngineCore): ReturnType<typeof bind> => {
    let bound = bindings.get(engine);
    if (bound === undefined) {
      bound = bind(engine);
      bindings.set(engine, bound);
    }
    return bound;
  };
}

/** The part of a tensor that starts `offset` elements in. */
export const from = ({ engine, place }: Tensor, offset: number): Ref =>
  offset === 0 ? place.ref : engine.implementation.at(place.ref, offset, place.length - offset);
