/** What an element-wise kernel does to element i, in the words of src/math/f32.ts: its own lines, with arrays for addresses. */
import { plain } from "./formulas.js";
import type { Signature } from "./sources.js";

const CONSTANT = /^const ([\s\S]*)$/;
const LOOP = /\bdo \{\n([\s\S]*?) *i \+= BYTES;\n *\} while \(i < end\);/;

/** Undefined for a kernel that is more than one such loop. */
export function loopOf({ body }: Signature): string[] | undefined {
  const [loop, inside] = body.match(LOOP) ?? [];
  if (!loop || body.slice(body.indexOf(loop) + loop.length).trim() !== "") return undefined;
  const lines: string[] = [];
  for (const statement of [...statementsOf(body.slice(0, body.indexOf(loop))), ...statementsOf(inside)]) {
    if (/^const end = |^let i: usize = 0$/.test(statement)) continue;
    const stored = statement.match(/^store\((\w+) \+ i, ([\s\S]*)\)$/);
    const constant = statement.match(CONSTANT);
    if (stored) lines.push(`${stored[1]}[i] = ${scalar(stored[2])}`);
    else if (constant)
      for (const one of declarations(constant[1])) lines.push(scalar(one.replace(/^(\w+): f32 =/, "$1 =")));
    else return undefined;
  }
  return inlined(lines);
}

/** Without names for what has one: a vector of one number is that number. */
function inlined(lines: readonly string[]): string[] {
  const known = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, name, value] = line.match(/^(\w+(?:\[i\])?) = (.*)$/)!;
    const plain = value.replace(/(?<![\w.])[A-Za-z_]\w*(?![\w(])/g, (word) => known.get(word) ?? word);
    if (!/^(-?\w+|-?[\d.]+|f32\(\S+\))$/.test(plain) || name.endsWith("]")) return [`${name} = ${plain}`];
    known.set(name, plain);
    return [];
  });
}

const statementsOf = (text: string): string[] =>
  text
    .replace(/\/\/.*/g, "")
    .split(";")
    .flatMap((statement) => statement.replace(/\s+/g, " ").trim() || []);

/** `a = f(x, y), b = c` in parts: at commas outside of brackets. */
function declarations(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of text) {
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

function scalar(text: string): string {
  return text.replace(/\bload\((\w+) \+ i\)/g, "$1[i]").replace(/\bsplat\(([^()]*)\)/g, (_, inside: string) =>
    inside
      .split(" * ")
      .map(number)
      .reduce((a, b) => `mul(${a}, ${b})`),
  );
}

/** A number of the source is rounded to f32. */
const number = (text: string): string =>
  Number.isNaN(Number(text)) || Math.fround(Number(text)) === Number(text) ? text : `f32(${text})`;

/** What src/math/f32.ts calls functions of Math, as in `const { fround, sqrt: root } = Math;`. */
function namesOfMath(source: string): Map<string, string> {
  const [, list] = source.match(/^const \{ (.*) \} = Math;$/m) ?? [];
  if (list === undefined) throw new Error("src/math/f32.ts: expected the line that binds functions of Math");
  return new Map(
    list.split(", ").map((one): [string, string] => {
      const [name, local = name] = one.split(": ");
      return [local, `Math.${name}`];
    }),
  );
}

/** The words of loops, as JavaScript on numbers of f32: those of src/math/f32.ts that need nothing else. */
export function words(source: string): Record<string, string> {
  const bound = namesOfMath(source);
  const found = [...plain(source).matchAll(/^export const (\w+) = (\([^)]*\) => [^;]*);$/gm)].map(
    ([, name, text]): [string, string] => [
      name,
      text
        .replace(/\b\w+(?=\()/g, (called) => bound.get(called) ?? called)
        .replace(/Math\.fround\(/g, "f32(")
        .replace(/Math\.sqrt\(/g, "root("),
    ],
  );
  const own = Object.fromEntries(found.filter(([, text]) => !/[bB]its/.test(text)));
  return { f32: "Math.fround", root: "Math.sqrt", ...own, times: "(s, x) => (s === 1 ? x : mul(s, x))" };
}
