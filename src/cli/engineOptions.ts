/** The option `--threads`, and the engine of a command. */

import type { Option } from "commander";
import { quoted } from "../check.js";
import { createEngine } from "../engine/create.js";
import type { Engine } from "../engine/engine.js";
import type { EngineOptions } from "../engine/select.js";
import { asUsageError, option, UsageError, whole } from "./args.js";

/** The option `--threads`; by default an engine has one thread. */
export function threadsOption(): Option {
  return option("--threads <n>", "threads of the wasm engine; auto: one per core (default: 1)", threads);
}

function threads(name: string, text: string): number | "auto" {
  if (text === "auto") return text;
  if (Number.isNaN(Number(text))) {
    throw new UsageError(`${name}: expected auto or a whole number ≥ 1, got ${quoted(text)}`);
  }
  return whole()(name, text);
}

/** Makes the engine that the options of the command ask for. Too many threads for the machine are a usage error. */
export async function engineOf(options: EngineOptions): Promise<Engine> {
  try {
    return await createEngine(options);
  } catch (error) {
    throw asUsageError(error);
  }
}
