/**
 * A realm of its own, as test runners and edge hosts make one, and the built package in it. Needs
 * `--experimental-vm-modules`. A context starts with the globals of ECMAScript alone, WebAssembly among them.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

/** Modules of this package and of its dependencies, evaluated in a context; `run` evaluates a module that may import them. */
export function realm({ remove = [], add = {}, before = "" } = {}) {
  const context = vm.createContext({ ...add });
  for (const name of remove) vm.runInContext(`delete globalThis.${name}`, context);
  vm.runInContext(before, context);
  const modules = new Map();
  const load = async (url) => {
    if (!modules.has(url)) {
      const made = readFile(fileURLToPath(url), "utf8").then((text) => module(text, url));
      modules.set(url, made);
    }
    return modules.get(url);
  };
  const module = (text, identifier) =>
    new vm.SourceTextModule(text, {
      context,
      identifier,
      importModuleDynamically: async (name, from) => evaluated(await load(resolved(name, from.identifier))),
      initializeImportMeta: (meta) => {
        meta.url = identifier;
      },
    });
  const resolved = (name, from) => (/^[./]|^file:/.test(name) ? new URL(name, from).href : import.meta.resolve(name));
  const evaluated = async (found) => {
    if (found.status === "unlinked") await found.link((name, from) => load(resolved(name, from.identifier)));
    await found.evaluate();
    return found;
  };
  return {
    context,
    /** The addresses of all modules that were loaded. */
    modules: () => [...modules.keys()],
    async run(text) {
      const found = await evaluated(module(text, new URL("./inline.mjs", import.meta.url).href));
      return found.namespace;
    },
  };
}
