/** The functions that formulas name: those of mathematics are known to a reader, the library's own are copied. */
import { plain } from "./formulas.js";

/** What every host has; `pow` is that of f64.ts, with the same bits everywhere. */
const KNOWN = ["sqrt", "max", "min", "abs", "pow", "sign"];

/** The functions of these sources by name, as expressions without other names than their parameters, KNOWN and each other. */
export class Functions {
  readonly used: Record<string, string> = {};
  readonly #codes: readonly string[];

  constructor(sources: readonly string[]) {
    this.#codes = sources.map(plain);
  }

  /** Finds the functions that these lines call, in the rule's own code first; returns names that are not found. */
  take(lines: readonly string[], own: string): string[] {
    const missing: string[] = [];
    for (const line of lines) {
      for (const [, name] of line.matchAll(/(?<![\w.])([A-Za-z]\w*)\(/g)) {
        if (KNOWN.includes(name) || name in this.used || name === "if") continue;
        const text = [own, ...this.#codes].map((code) => functionOf(code, name)).find((found) => found !== undefined);
        if (text === undefined) {
          missing.push(name);
          continue;
        }
        this.used[name] = text;
        for (const inner of this.take([text.slice(text.indexOf(")"))], own)) missing.push(inner);
      }
    }
    return missing;
  }
}

function functionOf(code: string, name: string): string | undefined {
  const arrow = code.match(new RegExp(`^(?:export )?const ${name} = (\\([^)]*\\) => [^;]*);$`, "m"))?.[1];
  const [, parameters, body] =
    code.match(new RegExp(`^(?:export )?function ${name}\\(([^]*?)\\) \\{\n([^]*?)^\\}`, "m")) ?? [];
  const text = arrow ?? (body === undefined ? undefined : `(${parameters}) => { ${body.trim()} }`);
  return text
    ?.replace(/\s+/g, " ")
    .replace(/\bMath\./g, "")
    .replace(/\bNumber\.POSITIVE_INFINITY\b/g, "Infinity")
    .replace(
      /\b[A-Z][A-Z_]+\b/g,
      (constant) => code.match(new RegExp(`^const ${constant} = (.*);$`, "m"))?.[1] ?? constant,
    );
}

/** Whether nothing in the lines is unknown to a reader of h, s, t and these functions. */
export function complete(lines: readonly string[], functions: Record<string, string>): boolean {
  const set = new Set(lines.flatMap((line) => line.match(/^(\w+) = /)?.[1] ?? []));
  const words = new Set([
    ...KNOWN,
    ...Object.keys(functions),
    "h",
    "s",
    "t",
    "if",
    "null",
    "true",
    "false",
    "Infinity",
  ]);
  const names =
    lines
      .join("\n")
      .replace(/"[^"]*"/g, "")
      .match(/(?<![\w.])[A-Za-z_]\w*/g) ?? [];
  return names.every((name) => words.has(name) || set.has(name));
}
