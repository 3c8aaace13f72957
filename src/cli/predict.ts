import { resolve } from "node:path";
import { markdownTable } from "markdown-table";
import { printable } from "../check.js";
import { targetName } from "../data/schema.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { readTable } from "../node/tableFile.js";
import type { Prediction } from "../tabular/predictions.js";
import type { Evaluation } from "../train/evaluate.js";
import { choice, command, option, parsed, text, UsageError } from "./args.js";
import { checkWritable, loadModelFile } from "./savedRun.js";
import { type Reading, readingOf, withTableOptions } from "./tableOptions.js";
import { headerOption } from "./trainOptions.js";
import { plural, score } from "./trainReport.js";

interface Values extends Reading {
  target?: string;
  header?: boolean;
  out?: string;
  backend: "auto" | "wasm" | "js";
  probabilities?: true;
  json?: true;
}

/** The command with its options. */
export function predictCommand() {
  const made = command("predict", "predicts new rows with a saved run", "model.safetensors data.csv [options]")
    .optionsGroup("Data:")
    .addOption(option("--target <col>", "the column with the true values, if it was renamed", text))
    .option("--header", "the first row names the columns (default: detected)")
    .option("--no-header", "the first row is data");
  return withTableOptions(made)
    .optionsGroup("Engine and output:")
    .addOption(option("--out <file>", "write the predictions to this file (default: stdout)", text))
    .option("--probabilities", "the probabilities of all classes, each in a column of its own")
    .addOption(option("--backend <b>", "auto, wasm or js", choice(["auto", "wasm", "js"]), "auto"))
    .option("--json", "print one JSON object on one line")
    .helpOption("-h, --help", "show this help")
    .addHelpText(
      "after",
      `
Columns are matched by their names in training, or by position if there are no names. The predictions are CSV, one line
per row: the class and its probability, or the value in the target's own units. If the data include the target, loss and
accuracy are reported too: on stderr if the predictions go to stdout.

Examples:
  thalweg train iris.csv --target species --save iris.safetensors
  thalweg predict iris.safetensors new.csv > predictions.csv
  thalweg predict iris.safetensors unseen.csv --out predictions.csv`,
    );
}

/** `thalweg predict`: predicts new rows with a saved run. */
export async function predict(args: string[]): Promise<void> {
  const words = predictCommand();
  const header = headerOption(words);
  const call = parsed<Values>(words, args);
  if (call === undefined) return;
  const [model, data, ...rest] = call.words;
  if (model === undefined) throw new UsageError("expected a saved run and a CSV file, got neither");
  if (data === undefined) throw new UsageError(`expected a CSV file after ${JSON.stringify(model)}, got none`);
  if (rest.length > 0) throw new UsageError(`expected one CSV file, got ${JSON.stringify(rest[0])} as well`);
  const { target, out, backend, probabilities = false, json = false } = call.values;
  const { reading } = readingOf(call.values);
  if (out !== undefined && [model, data].some((input) => resolve(input) === resolve(out)))
    throw new UsageError(`--out: expected a file other than the inputs, got ${out}`);
  const found = await answers(model, data, { target, header: header(), reading, backend, probabilities });
  if (out !== undefined) {
    await checkWritable(out);
    await writeFileAtomic(out, new TextEncoder().encode(found.csv));
  }
  if (json) {
    const { rows, classes, loss, accuracy, confusion, predictions } = found;
    const where = out === undefined ? { predictions } : { out };
    process.stdout.write(`${printable(JSON.stringify({ rows, classes, loss, accuracy, confusion, ...where }))}\n`);
    return;
  }
  const summary = [...(out === undefined ? [] : [`${plural(found.rows, "prediction")} in ${out}`]), ...found.summary];
  // A pipe or a file gets the names of classes as they are; a terminal, without control characters.
  if (out === undefined) process.stdout.write(process.stdout.isTTY ? visible(found.csv) : found.csv);
  if (summary.length > 0) (out === undefined ? process.stderr : process.stdout).write(`${summary.join("\n")}\n`);
}

interface Answers {
  rows: number;
  classes: readonly string[] | null;
  predictions: Shown[];
  csv: string;
  /** Loss, accuracy and confusion are null if the true values are unknown. */
  loss: number | null;
  accuracy: number | null;
  confusion: number[][] | null;
  summary: string[];
}

interface Asked {
  target: string | undefined;
  header: boolean | undefined;
  reading: Reading;
  backend: "auto" | "wasm" | "js";
  /** Whether to show the probabilities of all classes. */
  probabilities: boolean;
}

async function answers(file: string, data: string, asked: Asked): Promise<Answers> {
  // On strict SIMD, with which every machine predicts the same numbers.
  using model = await loadModelFile(file, { backend: asked.backend });
  const { schema, classes, task } = model;
  const table = await readTable(data, { header: asked.header, ...asked.reading });
  const { predictions, evaluation } = model.measure(table, asked.target);
  const { loss = null, accuracy = null, confusion = null } = evaluation ?? {};
  const shown = predictions.map((one) => shownOf(one, asked.probabilities));
  return {
    rows: predictions.length,
    classes,
    predictions: shown,
    csv: csvOf(shown, asked.probabilities ? classes : null),
    loss,
    accuracy,
    confusion,
    summary:
      loss === null
        ? []
        : [`${targetName(schema)}: ${score(task, { loss, accuracy })}`, ...matrix(classes, evaluation!)],
  };
}

/** A prediction as it is printed. */
type Shown = { class: string; probability: number; probabilities?: Record<string, number> } | number;

function shownOf(prediction: Prediction, all: boolean): Shown {
  if ("value" in prediction) return digits(prediction.value, 7);
  const { label, probabilities } = prediction;
  const shown = { class: label, probability: digits(probabilities[label], 6) };
  if (!all) return shown;
  const each = Object.entries(probabilities).map(([name, p]) => [name, digits(p, 6)]);
  return { ...shown, probabilities: Object.fromEntries(each) };
}

/** Rounds to significant digits: f32 has about 7, more would be noise. */
const digits = (x: number, count: number): number => Number(x.toPrecision(count));

/** One line a row, with a column for the probability of each of `classes`. */
function csvOf(predictions: readonly Shown[], classes: readonly string[] | null): string {
  const lines = predictions.map((one) => {
    if (typeof one === "number") return `${one}`;
    return [cell(one.class), one.probability, ...(classes ?? []).map((name) => one.probabilities![name])].join(",");
  });
  const names =
    typeof predictions[0] === "number" ? ["prediction"] : ["prediction", "probability", ...(classes ?? []).map(cell)];
  return `${[names.join(","), ...lines].join("\n")}\n`;
}

const visible = (text: string): string => text.split("\n").map(printable).join("\n");

/** A cell, in quotes if RFC 4180 requires them. */
const cell = (word: string): string => (/[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);

/** The largest number of classes whose confusion matrix fits a terminal. */
const WIDEST = 10;

function matrix(classes: readonly string[] | null, { confusion }: Evaluation): string[] {
  if (classes === null || confusion === undefined || classes.length > WIDEST) return [];
  const names = classes.map(printable);
  const head = ["true ↓ pred. →", ...names];
  const body = confusion.map((counts, c) => [names[c], ...counts.map(String)]);
  return ["", markdownTable([head, ...body], { align: ["l", ...classes.map(() => "r")] })];
}
