/** Reads sources as a reader of the documentation would: what is exported, and what comment stands above it. */

export interface Exported {
  name: string;
  type: boolean;
  /** The file under src/ that it comes from. */
  path: string;
}

/** The names that an index of `export { … } from "…"` lines hands on. */
export function exported(index: string): Exported[] {
  return [...index.matchAll(/^export (type )?\{([^}]*)\} from "\.\/(.+)\.js";$/gm)].flatMap(([, type, list, path]) =>
    list
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "")
      .map((item) => ({
        name: item.replace(/^type /, ""),
        type: type !== undefined || item.startsWith("type "),
        path: `${path}.ts`,
      })),
  );
}

/** The indexes that an index hands on as objects: `import * as NAME from "./PATH.js"`, which it exports. */
export function namespaces(index: string): { name: string; path: string }[] {
  return [...index.matchAll(/^import \* as (\w+) from "\.\/(.+)\.js";$/gm)].map(([, name, path]) => ({
    name: name,
    path: `${path}.ts`,
  }));
}

/** The doc comment right above the declaration of a name; undefined where there is none. */
export function documented(source: string, name: string): string | undefined {
  const declaration = new RegExp(
    `(/\\*\\*(?:(?!\\*/)[^])*\\*/)\\s*\\n(?://[^\\n]*\\n)*export (?:async |abstract )?(?:function\\*?|const|class|interface|type) ${name}\\b`,
  );
  return source.match(declaration)?.[1];
}
