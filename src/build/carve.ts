import binaryen from "assemblyscript/binaryen";

/** Files of the core, which every engine needs: memory, and the kernels that all parts share. */
const CORE = ["./memory", "./vector", "./reduce", "./rows"];
/** Files of matrix products, which differ between the variants. */
const PRODUCTS = ["./gemm/gemm"];

/**
 * The parts of the binary that are packaged and loaded separately, and the names that each exports. A part is named after
 * its file in `assembly/` ("optim/adam", "loss"). There are two more: "core", and "products", which includes the index's own
 * functions.
 *
 * @param index the text of assembly/index.ts
 */
export function partsOf(index: string): Map<string, string[]> {
  const parts = new Map([["products", [...index.matchAll(/^export function (\w+)/gm)].map(([, name]) => name)]]);
  for (const [, names, path] of index.matchAll(/^export \{([^}]*)\} from "([^"]+)";/gm)) {
    const part = CORE.includes(path) ? "core" : PRODUCTS.includes(path) ? "products" : path.slice(2);
    const list = names.split(",").flatMap((name) => name.trim() || []);
    parts.set(part, [...(parts.get(part) ?? []), ...list]);
  }
  return parts;
}

/** Removes all of the binary but these exports and what they reach. Throws where an export is missing. */
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
