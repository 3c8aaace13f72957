import binaryen from "assemblyscript/binaryen";

/** What every engine needs: memory, products, and the kernels that all parts share. */
const CORE = ["./memory", "./gemm/gemm", "./vector", "./reduce", "./rows"];

/**
 * Parts of the binary that are carried, and loaded, by themselves: by the file of `assembly/` that they come from
 * ("optim/adam", "loss"), the names that it exports; and "core", which has what is left.
 *
 * @param index the text of assembly/index.ts
 */
export function partsOf(index: string): Map<string, string[]> {
  const parts = new Map([["core", ["variant"]]]);
  for (const [, names, path] of index.matchAll(/^export \{([^}]*)\} from "([^"]+)";/gm)) {
    const part = CORE.includes(path!) ? "core" : path!.slice(2);
    const list = names!.split(",").flatMap((name) => name.trim() || []);
    parts.set(part, [...(parts.get(part) ?? []), ...list]);
  }
  return parts;
}

/** The binary with these exports and what they reach, and nothing else. */
export function carve(binary: Uint8Array, keep: readonly string[]): Uint8Array {
  const module = binaryen.readBinary(binary);
  module.setFeatures(binaryen.Features.All);
  const exported = Array.from(
    { length: module.getNumExports() },
    (_, i) => binaryen.getExportInfo(module.getExportByIndex(i)).name,
  );
  for (const name of keep) if (!exported.includes(name)) throw new Error(`the binary does not export ${name}()`);
  for (const name of exported) if (!keep.includes(name)) module.removeExport(name);
  module.runPasses(["remove-unused-module-elements"]);
  const carved = module.emitBinary();
  module.dispose();
  return carved;
}
