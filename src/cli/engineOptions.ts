/** `--threads` of the commands that compute. */
import type { Option } from "commander";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import type { EngineOptions } from "../engine/select.js";
import { asUsageError, option, UsageError, whole } from "./args.js";

/** The option; without it an engine has one thread. */
export function threadsOption(): Option {
  return option("--threads <n>", "threads of the wasm engine, or auto: one a core (default: 1)", threads);
}

function threads(name: string, text: string): number | "auto" {
  if (text === "auto") return text;
  if (Number.isNaN(Number(text))) {
    throw new UsageError(`${name}: expected auto or a whole number ≥ 1, got ${JSON.stringify(text)}`);
  }
  return whole()(name, text);
}

/** An engine as the command's options ask for it. More threads than the machine may have are a mistake in the call. */
export async function engineOf(options: EngineOptions): Promise<Engine> {
  try {
    return await createEngine(options);
  } catch (error) {
    throw asUsageError(error);
  }
}
