import { markdownTable } from "markdown-table";
import { optimizers } from "../optim/table.js";
import { hyperparameters, type RecipeRow, recipes, tuning } from "../train/recipes.js";
import { command, hint, parsed, UsageError } from "./args.js";
import { labelled, type Row } from "./labelledRows.js";
import { plain } from "./optimizers.js";

/** The command. */
export async function showRecipes(args: string[]): Promise<void> {
  const list = command("recipes", "lists optimizers and settings for typical situations", "[NAME] [--json]")
    .option("--json", "print one JSON object on one line")
    .addHelpText(
      "after",
      `
Without NAME: the table of recipes, the usual ranges of hyperparameters, and the order in which to tune them. With NAME:
the whole recipe, with its source and the code that builds it.`,
    );
  const call = parsed<{ json?: true }>(list, args);
  if (call) process.stdout.write(`${answer(call.words, call.values.json ?? false)}\n`);
}

/** The output of the command for these words. */
export function answer([name, ...rest]: string[], json: boolean): string {
  if (rest.length > 0) throw new UsageError(`expected one recipe, got ${JSON.stringify(rest[0])} as well`);
  if (name === undefined) {
    return json ? JSON.stringify({ recipes: Object.values(recipes), hyperparameters, tuning }) : overview();
  }
  if (!Object.hasOwn(recipes, name)) {
    throw new UsageError(
      `expected a recipe among ${Object.keys(recipes).join(", ")}, got ${JSON.stringify(name)}${hint(name, Object.keys(recipes))}`,
    );
  }
  return json ? JSON.stringify(recipes[name]) : details(recipes[name]);
}

function overview(): string {
  const body = Object.values(recipes).map((row) => [
    row.name,
    row.optimizer,
    between(row.lrRange),
    scheduleOf(row),
    between(row.weightDecayRange),
  ]);
  const ranges = hyperparameters.map(({ name, default: usual, range, controls }) => [name, usual, range, controls]);
  return [
    markdownTable([["recipe", "optimizer", "lr", "schedule", "decay"], ...body], WIDE),
    "",
    markdownTable([["hyperparameter", "default", "range", "controls"], ...ranges], WIDE),
    "",
    "Tune in this order:",
    ...tuning.map(({ name, values }, i) => `${i + 1}. ${name}: ${values}`),
    "",
    "thalweg recipes NAME shows the situation and the source.",
  ].join("\n");
}

/** The width of a cell in columns, one per character: "β₁" takes two. */
const WIDE = { stringLength: (text: string) => [...text].length };

function details(row: RecipeRow): string {
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
  return [`${name}: ${situation}`, "", ...labelled(shown, 100)].join("\n");
}

function scheduleOf({ schedule: { shape, warmup, to } }: RecipeRow): string {
  const rise = warmup === undefined ? "" : `warm-up ${+(100 * warmup).toFixed(1)} %, `;
  return `${rise}${shape}${to === undefined ? "" : ` to ${+(100 * to).toFixed(1)} %`}`;
}

const between = ([low, high]: readonly [number, number]): string =>
  low === high ? plain(low) : `${plain(low)} – ${plain(high)}`;
const usual = (value: number, range: readonly [number, number]): string =>
  range[0] === range[1] ? plain(value) : `${plain(value)} (${between(range)})`;
