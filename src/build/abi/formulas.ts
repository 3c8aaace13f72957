/**
 * The formulas of scalars, from the code that computes them: the statements of a rule's `prepare` or `step` that lead to the
 * scalars of one kernel, and no others. What a rule does is written once, in src/optim; this reads it.
 */
import { transformSync } from "esbuild";

export interface Formulas {
  /** Statements in order. h: hyperparameters, s: the state, t: the step. */
  lines: string[];
  /** The scalars, in the kernel's order, as expressions in what the statements set. */
  scalars: string[];
}

interface Statement {
  targets: string[];
  text: string;
  /** Names that it reads. */
  reads: string[];
  /** The blocks that it is in, by where they begin. */
  blocks: readonly number[];
  at: number;
}

/** TypeScript without types and comments, each statement on lines of its own. */
export function plain(source: string): string {
  const { code } = transformSync(source, { loader: "ts", target: "esnext" });
  // esbuild puts a 2 behind names that hide one of the file's own.
  return code.replace(/\b([a-z]\w*)2\b/g, (found, name: string) => (source.includes(found) ? found : name));
}

/**
 * @param code a rule's file, as `plain` gives it
 * @param names the kernel's scalars after `gradScale`
 * @returns undefined where the file does not call this kernel
 */
export function formulasIn(code: string, kernel: string, names: readonly string[]): Formulas | undefined {
  const call = callOf(code, kernel, names);
  if (!call) return undefined;
  const blocks = blocksAt(code, call.at);
  const found = statements(code).filter(
    ({ at, blocks: own }) => at < call.at && own.every((block) => blocks.includes(block)),
  );
  const needed = new Set(call.scalars.flatMap(namesIn));
  const lines: string[] = [];
  for (const { targets, text, reads } of found.reverse()) {
    if (!targets.some((target) => needed.has(target))) continue;
    for (const name of reads) needed.add(name);
    lines.unshift(text);
  }
  return { lines: lines.map(readable), scalars: call.scalars.map(readable) };
}

/** Where a rule's code calls a kernel: `run("kernel", [scalars])`, or `pass.scalars(…)` with the kernel's names. */
function callOf(code: string, kernel: string, names: readonly string[]): { at: number; scalars: string[] } | undefined {
  for (const match of code.matchAll(/\brun\(\s*"(\w+)",\s*(?:\[([^\]]*)\]|(\w+))/g)) {
    if (match[1] !== kernel) continue;
    const scalars = match[2] === undefined ? names.map((_, i) => `${match[3]}[${i}]`) : listed(match[2]);
    return { at: match.index, scalars };
  }
  for (const match of code.matchAll(/\bpass\.scalars\(([^;]*)\);/g)) {
    const scalars = listed(match[1]);
    if (scalars.join() === names.join()) return { at: match.index, scalars };
  }
  return undefined;
}

const listed = (text: string): string[] => text.split(",").flatMap((name) => name.trim() || []);

/** The open braces at a place of the code. */
function blocksAt(code: string, end: number): number[] {
  const open: number[] = [];
  for (let at = 0; at < end; at++) {
    if (code[at] === "{") open.push(at);
    else if (code[at] === "}") open.pop();
  }
  return open;
}

const ASSIGNED = /^[ \t]*(?:(?:const|let) (\w+) = |(?:c\.)?(?:state|s)\.(\w+) ([*+-]?=) |(\w+) ([*+-]=|=) )([^;]*);$/gm;
const COUNTED = /^[ \t]*(if \([^\n]*\) )?(?:c\.)?(?:state|s)\.(\w+)\+\+;$/gm;
const TAKEN = /^[ \t]*const \{([^}]*)\} = (h|s|hyper|c\.hyper|c\.state);$/gm;
const PARAMETERS = /\b(?:prepare|step|stepAll|prepare\w+)\(\{([^}]*)\}, ?/g;

function statements(code: string): Statement[] {
  const found: Statement[] = [];
  const add = (at: number, targets: string[], text: string, reads: string[]): void => {
    found.push({ at, targets, text, reads, blocks: blocksAt(code, at) });
  };
  for (const match of code.matchAll(ASSIGNED)) {
    const [, declared, state, stateSign, other, otherSign, given] = match;
    const value = given.replace(/\s+/g, " ").replace(/\bc\.(state|hyper)\b/g, (_, of: string) => of[0]);
    if (value.includes("=>") || value.startsWith("{")) continue; // a function or an object, and no number
    const counted = value.match(/^\+\+s\.(\w+)$/);
    if (counted) {
      add(match.index, [`s.${counted[1]}`], `s.${counted[1]} += 1`, [`s.${counted[1]}`]);
      add(match.index + 1, [declared], `${declared} = s.${counted[1]}`, [`s.${counted[1]}`]);
      continue;
    }
    const target = declared ?? (state ? `s.${state}` : other);
    const sign = declared ? "=" : (stateSign ?? otherSign);
    add(match.index, [target], `${target} ${sign} ${value}`, namesIn(value));
  }
  for (const match of code.matchAll(COUNTED)) {
    const [, condition = "", name] = match;
    const when = condition.replace(/\bc\.(state|hyper)\b/g, (_, of: string) => of[0]);
    add(match.index, [`s.${name}`], `${when}s.${name} += 1`, [...namesIn(when), `s.${name}`]);
  }
  for (const match of [...code.matchAll(TAKEN), ...code.matchAll(PARAMETERS)]) {
    const from = match[2] === "s" || match[2] === "c.state" ? "s" : "h";
    // What a parameter list takes belongs to the block that it opens.
    const at = match[2] ? match.index : code.indexOf("{", match.index + match[0].length) + 1;
    for (const field of listed(match[1])) {
      const [key, name = key] = field.split(":").map((part) => part.trim());
      if (!key.startsWith("...")) add(at, [name], `${name} = ${from}.${key}`, [`${from}.${key}`]);
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The names of an expression: "s.beta1Power" is one. */
export const namesIn = (text: string): string[] =>
  [...text.replace(/"[^"]*"/g, "").matchAll(/(?<![\w.])(?:[sh]\.)?[A-Za-z_]\w*/g)].map(([name]) => name);

/** Without JavaScript's names of what mathematics knows. */
const readable = (text: string): string =>
  text.replace(/\bMath\./g, "").replace(/\bNumber\.POSITIVE_INFINITY\b/g, "Infinity");
