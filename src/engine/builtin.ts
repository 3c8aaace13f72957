import { importByName } from "./importByName.js";

interface Builtins {
  "node:fs/promises": typeof import("node:fs/promises");
  "node:os": typeof import("node:os");
  "node:worker_threads": typeof import("node:worker_threads");
}

/**
 * A module of Node, which Deno and Bun have too; undefined on other hosts. It is found by name, so that bundlers for browsers
 * see no import.
 */
export async function builtin<K extends keyof Builtins>(name: K): Promise<Builtins[K] | undefined> {
  try {
    const { process } = globalThis;
    if (process?.getBuiltinModule) return process.getBuiltinModule(name) as Builtins[K];
    if (process?.versions.node) return (await importByName(name)) as Builtins[K] | undefined;
  } catch {} // hosts for the edge throw when they are asked for what they lack
  return undefined;
}
