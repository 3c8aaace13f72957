/** The generated parts of docs/abi.md, from dist/wasm/abi.json: binaries, and every export with its arguments and formulas. */
import { markdownTable } from "markdown-table";
import type { Abi, Argument, ArrayArgument, Kernel } from "../src/build/abi/types.js";

/** The order of the page, and what stands above each kind. */
const KINDS: readonly [kind: string, title: string, text: string][] = [
  [
    "update",
    "Optimizers",
    "One step for n parameters each. Arrays after `g` are the optimizer's state, by the names that the library saves it " +
      "under, and zeros at first unless it says otherwise; an array without a name is made by the " +
      "rest of the step.",
  ],
  [
    "update of a matrix",
    "Optimizers of matrices",
    "Passes over a gradient [rows, columns], without padding between rows.",
  ],
  ["product", "Products", ""],
  ["vector", "Vectors", "Element by element, over arrays that are padded."],
  ["sum", "Sums", "In f64 and in one fixed order. n is exact: padding does not enter a sum."],
  ["rows", "Rows", "Over a matrix [rows, columns], without padding between rows."],
  ["activation", "Activations", ""],
  ["normalization", "Normalization", ""],
  ["extra", "Data, clipping and copies", "What an engine with an optimizer does without; in binaries of their own."],
  ["dropout", "Dropout", ""],
  ["loss", "Losses", ""],
  ["linear algebra", "Linear algebra", "In f64, on square matrices row by row."],
  ["memory", "Memory", ""],
  ["build", "Build", ""],
];

export function binariesTable({ binaries }: Abi): string {
  const rows = Object.entries(binaries).map(([name, { bytes, simd, memory, exports }]) => {
    const limits = `${memory.initial} page or more${memory.maximum === null ? "" : `, at most ${memory.maximum}`}`;
    const imports = `\`${memory.module}.${memory.name}\`, ${memory.shared ? "shared" : "not shared"}, ${limits}`;
    return [`\`${name}\``, bytes.toLocaleString("en"), simd, imports, `${exports.length}`];
  });
  const align = ["l", "r", "l", "l", "r"];
  return `${markdownTable([["binary", "bytes", "SIMD", "imports", "exports"], ...rows], { align })}\n`;
}

/** The functions that formulas name, as JavaScript. */
export const functionsBlock = ({ functions }: Abi): string =>
  ["```text", ...Object.entries(functions).map(([name, text]) => `const ${name} = ${text};`), "```"].join("\n");

export const kernelSections = (abi: Abi): string =>
  KINDS.map(([kind, title, text]) => {
    const own = Object.entries(abi.kernels).filter(([, kernel]) => kernel.kind === kind);
    const sections = own.map(([name, kernel]) => section(name, kernel, abi));
    return [`## ${title}`, ...(text ? [text] : []), ...sections].join("\n\n");
  }).join("\n\n");

function section(name: string, kernel: Kernel, abi: Abi): string {
  const { summary, loop, result, parts, optimizers } = kernel;
  const returned = result ? ` → ${result.type}, ${result.meaning}` : "";
  const uses = optimizers.map((optimizer) => formulas(name, optimizer, abi));
  return [
    `### \`${name}\``,
    summary,
    block([`${name}(${kernel.arguments.map((one) => one.name).join(", ")})${returned}`]),
    list(kernel.arguments),
    ...(loop ? [`For each i of n:\n\n${block(loop)}`] : []),
    ...uses,
    ...(parts ? [partsLine(parts, kernel)] : []),
  ]
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

const block = (lines: readonly string[]): string => ["```text", ...lines, "```"].join("\n");

/** Arrays that are alike on one line, and so for sizes and scalars. */
function list(args: readonly Argument[]): string {
  const lines = new Map<string, string[]>();
  for (const argument of args) {
    const what = described(argument);
    const note = argument.role === "array" && argument.note ? ` (${argument.note})` : "";
    lines.set(what, [...(lines.get(what) ?? []), `\`${argument.name}\`${note}`]);
  }
  return [...lines].map(([what, names]) => `- ${names.join(", ")}: ${what}`).join("\n");
}

const ACCESS: Record<ArrayArgument["access"], string> = {
  in: "read",
  out: "written",
  inout: "read and written",
  consumed: "read, then overwritten with nothing of use",
  scratch: "working memory",
  none: "not looked at",
};

function described(argument: Argument): string {
  if (argument.role === "array") {
    const { element, length, access, padded, below } = argument;
    const of = below ? `, each below ${below}` : "";
    return `address of ${element}[${length}]${padded ? ", padded" : ""}${of}; ${ACCESS[access]}`;
  }
  if (argument.role === "size") {
    const { multipleOf, least } = argument;
    return `i32, a size${multipleOf ? `, a multiple of ${multipleOf}` : ""}${least ? `, at least ${least}` : ""}`;
  }
  const { type, values, unused } = argument;
  const range = values?.every((text) => /^\d+$/.test(text)) ? `, ${values.join(" or ")}` : "";
  const between = values && !range ? `, from ${values[0]} to ${values.at(-1)}` : "";
  return `${type}${range}${between}${unused ? ", not looked at" : ""}`;
}

function formulas(kernel: string, name: string, { optimizers, kernels, scalars: words }: Abi): string {
  const call = optimizers[name].kernels[kernel];
  const slots = Object.entries(call.slots).map(([array, slot]) => {
    if (!slot) return `\`${array}\` is made by the step`;
    const start = optimizers[name].slots[slot];
    const filled =
      start === null ? ", which the step computes" : `, ${start === "p" ? "the parameters" : start} at first`;
    return `\`${array}\` is \`${slot}\`${start === 0 ? "" : filled}`;
  });
  const options = Object.keys(call.options).length > 0 ? ` with ${JSON.stringify(call.options)}` : "";
  const { t, scalars } = call.example;
  const example = `t = ${t}: ${scalars.map((x) => (typeof x === "number" ? Number(x.toPrecision(6)) : x)).join(", ")}`;
  const lines = call.formulas.length > 0 ? `\n\n${block([...joined(call.formulas), `// ${example}`])}` : "";
  const open = kernels[kernel].arguments.filter(
    (one) =>
      one.role === "scalar" &&
      one.name !== "gradScale" &&
      !call.formulas.some((line) => line.startsWith(`${one.name} = `)),
  );
  const said = open.map((one) => `\n- \`${one.name}\`: ${words[one.name]}`).join("");
  const rest = said ? `\n\nWhat no statement sets, as the step passes it on (example: ${example}):\n${said}` : "";
  return `**${name}**${options}${slots.length > 0 ? `: ${slots.join(", ")}` : ""}.${lines}${rest}`;
}

/** Statements that only take a value, on one line where they follow each other. */
function joined(lines: readonly string[]): string[] {
  const taken = (line: string | undefined) => line !== undefined && /^\w+ = [hs]?\.?\w+(\[\d\])?$/.test(line);
  const found: string[] = [];
  for (const [i, line] of lines.entries()) {
    const last = found.at(-1);
    if (last && taken(line) && taken(lines[i - 1]) && last.length + line.length < 110)
      found[found.length - 1] = `${last}; ${line}`;
    else found.push(line);
  }
  return found;
}

function partsLine({ cut, at, advance }: NonNullable<Kernel["parts"]>, { arguments: list }: Kernel): string {
  if (cut === "block")
    return "Parts: any block of C is a call of its own, with `work` of its own; rows of A and columns of B go with it.";
  const bytes = Object.entries(advance).map(([name, step]) => `\`${name}\` ${step}`);
  const rest = list.length > Object.keys(advance).length + 1 ? "; the others are the same" : "";
  if (cut === "elements" && Object.values(advance).every((step) => step === 4))
    return "Parts: cut at multiples of 16 elements. For each one left out before a part, every address is 4 bytes further.";
  const sums = cut === "sum" ? " Results of parts of at most 4096 elements are added in order." : "";
  return `Parts: cut at multiples of ${at} ${cut === "rows" ? "rows" : "elements"}. For each one left out before a part, ${bytes.join(
    ", ",
  )} further${rest}.${sums}`;
}
