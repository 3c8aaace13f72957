/** What `thalweg explain` prints for people. */

import type { Advice } from "../experiments/worked/advice.js";
import { derivedOf, INNER, symbolOf } from "../experiments/worked/symbols.js";
import type { Walk, WalkStep } from "../experiments/worked/walk.js";
import { criticalPoints, type Landscape } from "../landscape/index.js";
import { greatest } from "../math/extremes.js";
import type { Explanation } from "./explanations.js";
import { labelled, type Row } from "./labelledRows.js";
import type { OptimizerEntry } from "./optimizerData.js";
import { plain, textLines } from "./optimizers.js";
import { program } from "./program.js";
import { PIECES } from "./schedulePieces.js";
import { columns, padded, textColumns, width, wrapped } from "./terminal.js";

/** Calculations by hand, with the values that the kernels give. */
export interface Worked {
  title: string;
  examples: { name: string; values: number[] }[];
  note?: string;
}

const GAP = 2;
const INDENT = "  ";
/** Digits of a number: those that f32 has, and fewer where several stand in a cell. */
const DIGITS = 7;
const FEW_DIGITS = 4;

/** The topics by kind. */
export function outlineText(topics: Readonly<Record<string, readonly string[]>>): string[] {
  const rows = Object.entries(topics).map(([kind, names]): Row => [capital(kind), names.join(", ")]);
  return [...labelled(rows, textColumns()), "", `${program()} explain NAME explains one.`];
}

export function optimizerText(
  entry: OptimizerEntry,
  advice: Advice,
  worked: Walk,
  tables: readonly Worked[],
): string[] {
  const { name, text, paper, options } = entry;
  const defaults = options.map((option) => `${option.name} ${plain(option.default)}`).join(", ");
  return [
    name,
    "",
    ...textLines(formulaOf(text)),
    "",
    ...labelled([["Use it", advice.use]], textColumns()),
    "",
    ...exampleLines(entry, worked),
    "",
    ...labelled(
      [
        ["Defaults", defaults],
        ["Paper", paper],
        ["See also", advice.related.join(", ")],
        ["Options", `${program()} optimizers ${name}`],
      ],
      textColumns(),
    ),
    ...tables.flatMap(workedLines),
  ];
}

/** What comes first in the text: what it does, and the formula as a reader has it, not as the kernel does. */
function formulaOf(text: string): string {
  const [what, formula = ""] = text.split(/^```\w*\n/m);
  const [block] = formula.split(/\n```/);
  const shown = block.split(/\n\nFolded/)[0].trimEnd();
  return shown === "" ? what : `${what}\n\`\`\`\n${shown}\n\`\`\`\n`;
}

/** The steps side by side, each a column: as many as fit, and the others below. */
function exampleLines({ name, options }: OptimizerEntry, worked: Walk): string[] {
  const { about, start, hyper, steps, evaluated } = worked;
  const changed = options.filter(({ name: key, default: value }) => plain(hyper[key]) !== plain(value));
  const told = options.filter((option) => option.name === "lr" || changed.includes(option));
  const settings = told.map(({ name: key }) => `${key} ${plain(hyper[key])}`).join(", ");
  const from = start.length === 1 ? brief(start, DIGITS)[0] : `(${brief(start, DIGITS).join(", ")})`;
  const cells = rowsOf(name, worked);
  const labels = greatest(["step", ...cells.map(([label]) => label)].map(width));
  const columnsOf = steps.map((_, i) =>
    greatest([String(i + 1).length, ...cells.flatMap(([, each]) => each[i].map(width))]),
  );
  const lines: string[] = [];
  for (let first = 0; first < steps.length; ) {
    let last = first;
    let wide = labels + GAP + columnsOf[first];
    while (last + 1 < steps.length && wide + GAP + columnsOf[last + 1] <= columns()) wide += GAP + columnsOf[++last];
    const shown = steps.slice(first, last + 1).map((_, i) => first + i);
    const line = (label: string, texts: string[]) =>
      [padded(label, labels), ...texts.map((text, i) => padded(text, columnsOf[shown[i]], true))].join(" ".repeat(GAP));
    lines.push(
      "",
      line(
        "step",
        shown.map((i) => String(i + 1)),
      ),
      "─".repeat(wide),
    );
    for (const [label, each] of cells) {
      const high = each[0].length;
      for (let row = 0; row < high; row++)
        lines.push(
          line(
            row === 0 ? label : "",
            shown.map((i) => each[i][row] ?? ""),
          ).trimEnd(),
        );
    }
    first = last + 1;
  }
  const end = evaluated && `opt.eval() then moves θ to ${brief(evaluated, DIGITS).join(", ")}, where to evaluate.`;
  return [
    ...wrapped(`Worked on ${about}, from θ = ${from}${settings && `, with ${settings}`}:`, textColumns()),
    ...lines,
    ...(end ? ["", ...wrapped(end, textColumns())] : []),
  ];
}

type Cells = [label: string, each: string[][]];

function rowsOf(name: string, worked: Walk): Cells[] {
  const { shape, steps } = worked;
  const size = shape.reduce((product, side) => product * side, 1);
  const row = (label: string, of: (step: WalkStep) => readonly number[], digits?: number): Cells => [
    label,
    steps.map((step) => cellOf(of(step), shape, digits)),
  ];
  const slots = Object.keys(steps[0].slots).filter((slot) => !INNER[name]?.includes(slot));
  const symbols = slots.map((slot) => symbolOf(name, slot));
  const wide = symbols.reduce((most, symbol) => Math.max(most, width(symbol)), 0);
  return [
    row("g, gradient", ({ gradient }) => gradient),
    ...(steps[0].hessian ? [row("ĥ, of the Hessian", ({ hessian }) => hessian!)] : []),
    ...slots.map((slot, i) =>
      row(wide === 0 ? slot : `${padded(symbols[i], wide)}  ${slot}`, ({ slots: all }) => all[slot] ?? []),
    ),
    ...(size === 1 ? derivedOf(name).map(({ label, of }) => row(label, (step) => [of(step, worked)], 6)) : []),
    row("taken off θ", ({ update }) => update, size === 1 ? 6 : undefined),
    row("θ", ({ parameters }) => parameters),
    ...(steps[0].value === undefined ? [] : [row("f(θ)", ({ value }) => [value!])]),
  ];
}

/** The numbers of a tensor: a line for each row of a matrix. */
function cellOf(values: readonly number[], shape: readonly number[], digits?: number): string[] {
  const side = shape[shape.length - 1];
  const across = shape.length === 2 && values.length === side * side ? side : values.length;
  const texts = brief(values, digits ?? (values.length === 1 ? DIGITS : FEW_DIGITS));
  const wide = texts.reduce((most, text) => Math.max(most, text.length), 0);
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += across)
    lines.push(
      texts
        .slice(i, i + across)
        .map((text) => (across === 1 ? text : padded(text, wide, true)))
        .join(" "),
    );
  return lines;
}

const brief = (values: readonly number[], digits: number): string[] =>
  values.map((value) => String(Number(value.toPrecision(digits)) + 0).replace("e+", "e"));

/** A title, and a line for each example, the longer ones wrapped. */
function workedLines({ title, examples, note }: Worked): string[] {
  const room = textColumns() - INDENT.length;
  const lines = examples.flatMap(({ name, values }) =>
    wrapped(`${name}: ${values.map((value) => String(value).replace("e+", "e")).join(" ")}`, room, INDENT),
  );
  const indented = [...lines, ...(note ? ["", ...wrapped(note, room)] : [])].map((line) => line && INDENT + line);
  return ["", ...wrapped(`By hand: ${title}`, textColumns()), "", ...indented];
}

/** A schedule, or an optimizer that is made from a model. */
export function topicText(topic: Explanation, advice: Advice | undefined, tables: readonly Worked[]): string[] {
  const { kind, name, text, example } = topic;
  const rows: Row[] = advice ? [["Use it", advice.use]] : [];
  if (advice) rows.push(["See also", advice.related.join(", ")]);
  const piece = Object.hasOwn(PIECES, name) ? PIECES[name as keyof typeof PIECES] : undefined;
  if (piece) rows.push(["Draw it", `${program()} schedule "${piece.example}"`]);
  // Of an optimizer what it does, and where it is from.
  const [, ...others] = text.split("\n\n");
  const shown =
    kind === "schedule" ? text : [formulaOf(text), ...(others.length > 0 ? others.slice(-1) : [])].join("\n\n");
  return [
    name,
    "",
    ...textLines(shown),
    "",
    ...example.split("\n").flatMap((line) => wrapped(line, textColumns() - 6, INDENT).map((each) => INDENT + each)),
    ...(rows.length > 0 ? ["", ...labelled(rows, textColumns())] : []),
    ...tables.flatMap(workedLines),
  ];
}

export function landscapeText(surface: Landscape, tables: readonly Worked[]): string[] {
  const { name, formula, note, source, domain } = surface;
  const points = criticalPoints(surface);
  const kinds = [...new Set(points.map(({ kind }) => kind))].sort();
  const counted = kinds.map((kind) => `${points.filter((point) => point.kind === kind).length} ${kind}`);
  const where = (point: readonly number[]) => `(${brief(point, DIGITS).join(", ")})`;
  const minima = surface.minima.map(({ point, value }) => `${where(point)} = ${brief([value], DIGITS)[0]}`);
  return [
    name,
    "",
    ...wrapped(`f = ${formula}`, textColumns() - INDENT.length, INDENT).map((line) => INDENT + line),
    "",
    ...wrapped(note, textColumns()),
    "",
    ...labelled(
      [
        ["Domain", domain.map(([from, to]) => `[${from}, ${to}]`).join(" × ")],
        ["Lowest", minima.join(", ") || "none: it falls without end"],
        ["Critical points", counted.join(", ") || "none"],
        ["Source", source],
        ["Race on it", `${program()} race ${name}`],
      ],
      textColumns(),
    ),
    ...tables.flatMap(workedLines),
  ];
}

export const backpropagation = (tables: readonly Worked[]): string[] => [
  "backpropagation",
  "",
  ...wrapped(
    "The error at a unit's output, times the slope of its activation, is the error at its input; times an input, it is " +
      "the gradient of that weight. To a unit below goes the sum, over the units above, of weight times error.",
    textColumns(),
  ),
  "",
  "  y = σ(x),  x = Σ wᵢ xᵢ,  E = ½ (y - d)²",
  "  ∂E/∂y = y - d",
  "  ∂E/∂x = ∂E/∂y · y (1 - y)",
  "  ∂E/∂wᵢ = ∂E/∂x · xᵢ",
  "  ∂E/∂xᵢ = Σ wᵢₖ ∂E/∂xₖ        over the units k that unit i feeds",
  ...tables.flatMap(workedLines),
  "",
  ...labelled(
    [["Paper", "Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 1986"]],
    textColumns(),
  ),
];

const capital = (word: string): string => word[0].toUpperCase() + word.slice(1);
