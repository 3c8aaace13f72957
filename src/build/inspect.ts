/**
 * Checks the rules for binaries. Worker threads instantiate the same module on the same memory, and a new instance must not
 * write to what another uses: so a binary has no start function, no data segments, and no mutable globals except the root of
 * the heap, which only alloc and free may reach.
 */

const OWN_THE_HEAP = ["alloc", "free"];

/** The rules that a binary breaks; empty when it keeps all. Reads the text form, as the host may not support the binary. */
export function faults(text: string): string[] {
  const found: string[] = [];
  const imports = [...text.matchAll(/^ \(import "([^"]+)" "([^"]+)"/gm)].map((match) => `${match[1]}.${match[2]}`);
  if (imports.join() !== "env.memory") found.push(`imports ${imports.join(", ") || "nothing"}, not just env.memory`);
  if (/^ \(start /m.test(text)) found.push("has a start function");
  if (/^ \(data /m.test(text)) found.push("has data segments");

  const mutable = [...text.matchAll(/^ \(global (\S+) \(mut /gm)].map((match) => match[1]);
  const functions = parseFunctions(text);
  for (const [, name, target] of text.matchAll(/^ \(export "([^"]+)" \(func (\S+?)\)\)/gm)) {
    const touched = mutable.filter((global) => reaches(functions, target, global));
    if (touched.length > 0 && !OWN_THE_HEAP.includes(name))
      found.push(`${name}() reaches mutable ${touched.join(", ")}`);
    if (/optim\//.test(target) && functions.get(target)?.calls.length) {
      found.push(
        `the update kernel ${name}() calls ${functions.get(target)!.calls.join(", ")}: a word was not inlined`,
      );
    }
  }
  return found;
}

interface Body {
  calls: string[];
  globals: string[];
}

function parseFunctions(text: string): Map<string, Body> {
  const functions = new Map<string, Body>();
  for (const part of text.split(/^ \(func /m).slice(1)) {
    const name = part.match(/^\S+/)![0].replace(/\)+$/, "");
    functions.set(name, {
      calls: [...part.matchAll(/\bcall (\S+?)\)*$/gm)].map((match) => match[1]),
      globals: [...part.matchAll(/\bglobal\.[gs]et (\S+?)\)*$/gm)].map((match) => match[1]),
    });
  }
  return functions;
}

function reaches(functions: Map<string, Body>, from: string, global: string, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const body = functions.get(from);
  if (!body) return false;
  return body.globals.includes(global) || body.calls.some((next) => reaches(functions, next, global, seen));
}
