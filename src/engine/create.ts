import { Engine } from "./engine.js";
import { type EngineOptions, select } from "./select.js";

/**
 * Makes an engine on the best backend of the host: SIMD WebAssembly with fused multiply-add, without it, or plain
 * TypeScript. A missing feature is no error: `engine.reason` says what was taken and why. Only a backend or a kind of SIMD
 * that is asked for by name, and is not available, throws.
 *
 * @example
 * const engine = await createEngine();
 * console.log(engine.backend, engine.simd, engine.reason);
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return new Engine(await select(options));
}
