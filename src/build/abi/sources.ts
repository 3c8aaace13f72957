/** The signatures of all exports, from the AssemblyScript sources. */
import { existsSync, readFileSync } from "node:fs";

/** A function of assembly/ that the binaries export. */
export interface Signature {
  name: string;
  /** The file, from the root of the repository. */
  source: string;
  /** What stands above it, on one line; above the file where it has nothing of its own. */
  summary: string;
  parameters: { name: string; type: string }[];
  result: string;
  body: string;
}

const EXPORT = /^export function (\w+)\(([^)]*)\): (\w+) \{\n([\s\S]*?)^\}/gm;

/** @param root path of the repository, with a slash at its end */
export function signatures(root: string): Signature[] {
  const index = readFileSync(`${root}assembly/index.ts`, "utf8");
  const listed = [...index.matchAll(/^export \{([^}]*)\} from "\.\/([^"]+)";/gm)].flatMap(([, names, path]) =>
    names.split(",").flatMap((name) => (name.trim() ? [{ name: name.trim(), path: `assembly/${path}.ts` }] : [])),
  );
  const files = new Map<string, Map<string, Signature>>();
  const from = (path: string): Map<string, Signature> => {
    const known = files.get(path);
    if (known) return known;
    if (!existsSync(`${root}${path}`)) throw new Error(`assembly/index.ts exports from ${path}, which does not exist`);
    const found = functionsOf(path, readFileSync(`${root}${path}`, "utf8"));
    files.set(path, found);
    return found;
  };
  const own = [...functionsOf("assembly/index.ts", index).values()];
  return [
    ...own,
    ...listed.map(({ name, path }) => {
      const signature = from(path).get(name);
      if (!signature) throw new Error(`${path}: expected export function ${name}`);
      return signature;
    }),
  ];
}

function functionsOf(path: string, source: string): Map<string, Signature> {
  const head = oneLine(source.match(/^(?:\/\/.*\n)+/)?.[0] ?? "");
  return new Map(
    [...source.matchAll(EXPORT)].map((match) => {
      const [, name, list, result] = match;
      // Files that use AssemblyScript's own load and store too call those of vectors so.
      const body = match[4].replace(/\b(load|store)4\(/g, "$1(");
      const above = source
        .slice(0, match.index)
        .match(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/|((?:^\/\/.*\n)+))\s*(?![\s\S])/m);
      const parameters = list.split(",").flatMap((text) => {
        const [, parameter, type] = text.match(/(\w+): (\w+)/) ?? [];
        return parameter ? [{ name: parameter, type }] : [];
      });
      const summary = above ? oneLine(above[1] ?? above[2] ?? "") : head;
      return [name, { name, source: path, summary, parameters, result, body }];
    }),
  );
}

const oneLine = (comment: string): string =>
  comment
    .replace(/^\s*(?:\/\/|\*) ?/gm, "")
    .replace(/\s+/g, " ")
    .replace(/ ?\bThe [^.]*: src\/\S+\.ts\.?/g, "")
    .trim();

/** Whether a kernel goes over whole vectors of its arrays, from their first elements: `load(x + i)`, `store(y + i, …)`. */
export const isElementwise = ({ body }: Signature): boolean =>
  /\bdo \{[\s\S]*\+ i\b[\s\S]*while \(i < end\);/.test(body);

/** What an element-wise kernel does with an array. */
export function accessIn({ body }: Signature, array: string): "in" | "out" | "inout" | "none" {
  const loads = new RegExp(`\\bload\\(${array} \\+ i\\)`).test(body);
  const stores = new RegExp(`\\bstore\\(${array} \\+ i,`).test(body);
  if (loads) return stores ? "inout" : "in";
  return stores ? "out" : "none";
}
