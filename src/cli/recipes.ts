import { quoted } from "../check.js";
import { optimizers } from "../optim/table.js";
import { hyperparameters, type RecipeRow, recipes, tuning } from "../train/recipes.js";
import { command, hint, parsed, spelt, UsageError } from "./args.js";
import { columned } from "./columns.js";
import { labelled, type Row } from "./labelledRows.js";
import { plain } from "./optimizers.js";
import { print, printJson } from "./output.js";
import { program } from "./program.js";
import { columns, textColumns, wrapped } from "./terminal.js";

/** The command. */
export async function showRecipes(args: string[]): Promise<void> {
  const list = command(
    "recipes",
    "lists optimizers and settings for typical situations",
    "[NAME] [--json]",
    `
Without NAME: the table of recipes, the usual ranges of hyperparameters, and the order in which to tune them. With NAME:
the whole recipe, with its source and the code that builds it.`,
  ).option("--json", "print one JSON object on one line");
  const call = parsed<{ json?: true }>(list, args);
  if (call === undefined) return;
  const [name, ...rest] = call.words;
  if (rest.length > 0) throw new UsageError(`expected one recipe, got ${quoted(rest[0])} as well`);
  const row = name === undefined ? undefined : recipes[known(name)];
  if (call.values.json) printJson(row ?? { recipes: Object.values(recipes), hyperparameters, tuning });
  else print(row ? details(row) : overview());
}

function known(name: string): string {
  const names = Object.keys(recipes);
  const found = spelt(name, names);
  if (found !== undefined) return found;
  const expected = `a recipe among ${names.join(", ")}`;
  throw new UsageError(`expected ${expected}, got ${quoted(name)}${hint(name, names)}`);
}

function overview(): string[] {
  const body = Object.values(recipes).map((row) => [
    row.name,
    row.optimizer,
    between(row.lrRange),
    between(row.weightDecayRange),
    scheduleOf(row),
  ]);
  const ranges = hyperparameters.map(({ name, default: usual, range, controls }) => [name, usual, range, controls]);
  return [
    ...columned(["recipe", "optimizer", "lr", "decay", "schedule"], body, { within: columns() }),
    "",
    ...columned(["hyperparameter", "default", "range", "controls"], ranges, { within: columns() }),
    "",
    "Tune in this order:",
    ...tuning.flatMap(({ name, values }, i) => wrapped(`${i + 1}. ${name}: ${values}`, textColumns(), "   ")),
    "",
    `${program()} recipes NAME shows the situation and the source.`,
  ];
}

/** The lines of a whole recipe. */
export function details(row: RecipeRow): string[] {
  const { name, situation, optimizer, lr, lrRange, weightDecay, weightDecayRange, hyper, excludesBiases, digits } = row;
  const others = Object.entries(hyper).map(([key, value]) => `${key} ${plain(value)}`);
  const lines: (readonly [string, string | undefined])[] = [
    ["Optimizer", [optimizer, ...others].join(", ")],
    ["Learning rate", usual(lr, lrRange)],
    ["Schedule", scheduleOf(row)],
    ["Weight decay", usual(weightDecay, weightDecayRange) + (excludesBiases ? ", biases and gains excluded" : "")],
    ["Note", row.note],
    ["Source", row.source],
    ["Digits", digits && `${100 * digits.accuracy} % test accuracy after ${digits.epochs} epochs, 64 hidden units`],
    [
      "Build",
      Object.hasOwn(optimizers, optimizer)
        ? `recipe("${name}").build(model.parameters(), { steps }), from "thalweg/recipes"`
        : `not in this version, which does not have ${optimizer}`,
    ],
  ];
  const shown = lines.filter((line): line is Row => line[1] !== undefined);
  return [...wrapped(`${name}: ${situation}`, textColumns()), "", ...labelled(shown, textColumns())];
}

function scheduleOf({ schedule: { shape, warmup, to } }: RecipeRow): string {
  const rise = warmup === undefined ? "" : `warm-up ${+(100 * warmup).toFixed(1)} %, `;
  return `${rise}${shape}${to === undefined ? "" : ` to ${+(100 * to).toFixed(1)} %`}`;
}

const between = ([low, high]: readonly [number, number]): string =>
  low === high ? plain(low) : `${plain(low)} – ${plain(high)}`;
const usual = (value: number, range: readonly [number, number]): string =>
  range[0] === range[1] ? plain(value) : `${plain(value)} (${between(range)})`;
