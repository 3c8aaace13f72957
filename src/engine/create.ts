import { Engine } from "./engine.js";
import { type EngineOptions, select } from "./select.js";

/**
 * Makes an engine on the best backend of the host: SIMD WebAssembly with fused multiply-add, without it, or plain
 * TypeScript. It never throws for want of a feature: `engine.reason` says what was taken and why. Asking for a
 * backend by name and not getting it throws.
 *
 * @example
 * const engine = await createEngine();
 * console.log(engine.backend, engine.simd, engine.reason);
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  return new Engine(await select(options));
}
