import type { Binaries, Partitions } from "./backend.js";
import type { EngineCore } from "./core.js";

type Twins = Record<string, (...args: never[]) => unknown>;

/**
 * A function that gives the kernels of these twins on an engine, loaded by its first call: with threads that takes memory, so
 * whoever may not fail midway calls it once before. Each table of twins has one of its own, so that a program carries those
 * that it uses.
 */
export function perEngine<T extends Twins>(twins: T, binaries: Binaries, partitions: Partitions<T> = {}) {
  const bind = (engine: EngineCore) => engine.bind(twins, partitions, binaries);
  const bound = new WeakMap<EngineCore, ReturnType<typeof bind>>();
  const kernelsOf = (engine: EngineCore): ReturnType<typeof bind> => {
    let kernels = bound.get(engine);
    if (kernels === undefined) {
      kernels = bind(engine);
      bound.set(engine, kernels);
    }
    return kernels;
  };
  return Object.assign(kernelsOf, { twins });
}
