/** The one engine of the page, in strict mode: its numbers are those that Node prints. */
import { signal } from "@preact/signals-core";
import { createEngine, type Engine } from "../../../index.js";

let made: Promise<Engine> | undefined;
/** What the engine runs on and why; empty until it has started. */
export const engineReason = signal("");
export const engineBackend = signal("");

export function labEngine(): Promise<Engine> {
  made ??= createEngine({ simd: "strict" }).then((engine) => {
    engineReason.value = engine.reason;
    engineBackend.value = engine.backend;
    return engine;
  });
  return made;
}
