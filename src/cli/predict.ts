import { resolve } from "node:path";
import { printable } from "../check.js";
import { targetName } from "../data/schema.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { readTable } from "../node/tableFile.js";
import type { Prediction } from "../tabular/predictions.js";
import type { Score } from "../tabular/score.js";
import { choice, command, option, parsed, text, UsageError } from "./args.js";
import { columned } from "./columns.js";
import { csvCell, spreadsheetCell } from "./csvText.js";
import { helpText } from "./helpText.js";
import { print, printAside, printJson, printRecords, recordsText } from "./output.js";
import { checkWritable, loadModelFile } from "./savedRun.js";
import { checkOrder } from "./swapped.js";
import { type Reading, readingOf, withTableOptions } from "./tableOptions.js";
import { clipped, columns, width } from "./terminal.js";
import { headerOption } from "./trainOptions.js";
import { plural, score } from "./trainReport.js";

interface Values extends Reading {
  target?: string;
  header?: boolean;
  out?: string;
  backend: "auto" | "wasm" | "js";
  probabilities?: true;
  spreadsheet?: true;
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
    .option("--spreadsheet", "put an apostrophe before a class that a spreadsheet would take for a formula")
    .option("--json", "print one JSON object on one line")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", () =>
      helpText(`
Columns are matched by their names in training, or by position if there are no names. The predictions are CSV, one line
per row: the class and its probability, or the value in the target's own units. If the data include the target, loss and
accuracy are reported too: on stderr if the predictions go to stdout.

Examples:
  thalweg train iris.csv --target species --save iris.safetensors
  thalweg predict iris.safetensors new.csv > predictions.csv
  thalweg predict iris.safetensors unseen.csv --out predictions.csv`),
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
  const { target, out, backend, probabilities = false, spreadsheet = false, json = false } = call.values;
  const { reading } = readingOf(call.values);
  if (out !== undefined && [model, data].some((input) => resolve(input) === resolve(out)))
    throw new UsageError(`--out: expected a file other than the inputs, got ${out}`);
  const found = await answers(model, data, { target, header: header(), reading, backend, probabilities, spreadsheet });
  if (out !== undefined) {
    await checkWritable(out);
    await writeFileAtomic(out, new TextEncoder().encode(recordsText(found.records)));
  }
  if (json) {
    const { rows, classes, loss, accuracy, confusion, classification, regression, predictions } = found;
    const where = out === undefined ? { predictions } : { out };
    printJson({ rows, classes, loss, accuracy, confusion, classification, regression, ...where });
    return;
  }
  const summary = [...(out === undefined ? [] : [`${plural(found.rows, "prediction")} in ${out}`]), ...found.summary];
  if (out === undefined) printRecords(found.records);
  if (summary.length > 0) (out === undefined ? printAside : print)(summary);
}

interface Answers {
  rows: number;
  classes: readonly string[] | null;
  predictions: Shown[];
  /** Of CSV. */
  records: string[];
  /** Loss, accuracy and confusion are null if the true values are unknown. */
  loss: number | null;
  accuracy: number | null;
  confusion: number[][] | null;
  classification: Score["classification"] | null;
  regression: Score["regression"] | null;
  summary: string[];
}

interface Asked {
  target: string | undefined;
  header: boolean | undefined;
  reading: Reading;
  backend: "auto" | "wasm" | "js";
  /** Whether to show the probabilities of all classes. */
  probabilities: boolean;
  /** Whether a spreadsheet will read them. */
  spreadsheet: boolean;
}

async function answers(file: string, data: string, asked: Asked): Promise<Answers> {
  await checkOrder(file, data);
  // On strict SIMD, with which every machine predicts the same numbers.
  using model = await loadModelFile(file, { backend: asked.backend });
  const { schema, classes } = model;
  const table = await readTable(data, { header: asked.header, ...asked.reading });
  const { predictions, score: found, notes } = model.measure(table, asked.target);
  const { loss = null, accuracy = null, confusion = null, classification = null, regression = null } = found ?? {};
  const shown = predictions.map((one) => shownOf(one, asked.probabilities));
  return {
    rows: predictions.length,
    classes,
    predictions: shown,
    records: recordsOf(shown, asked.probabilities ? classes : null, asked.spreadsheet ? spreadsheetCell : csvCell),
    loss,
    accuracy,
    confusion,
    classification,
    regression,
    summary: [
      ...notes,
      ...(found ? [`${targetName(schema)}: ${score(found)}`, ...matrix(classes, found), ...each(classes, found)] : []),
    ],
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

/** A record for each row, with a column for the probability of each of `classes`. */
function recordsOf(
  predictions: readonly Shown[],
  classes: readonly string[] | null,
  cell: (text: string) => string,
): string[] {
  const records = predictions.map((one) => {
    if (typeof one === "number") return `${one}`;
    return [cell(one.class), one.probability, ...(classes ?? []).map((name) => one.probabilities![name])].join(",");
  });
  const names =
    typeof predictions[0] === "number" ? ["prediction"] : ["prediction", "probability", ...(classes ?? []).map(cell)];
  return [names.join(","), ...records];
}

/** The largest number of classes whose confusion matrix fits a terminal. */
const WIDEST = 10;

function matrix(classes: readonly string[] | null, { confusion }: Score): string[] {
  if (classes === null || confusion === undefined || classes.length > WIDEST) return [];
  const corner = "true ↓ pred. →";
  const room = Math.max(4, Math.floor((columns() - width(corner)) / classes.length) - 2);
  const names = classes.map((name) => clipped(printable(name), room));
  const body = confusion.map((counts, c) => [clipped(printable(classes[c]), width(corner)), ...counts.map(String)]);
  return ["", ...columned([corner, ...names], body, { right: classes.map((_, c) => c + 1) })];
}

/** Precision, recall and F1 of each class. */
function each(classes: readonly string[] | null, { classification }: Score): string[] {
  if (classes === null || classification === undefined || classes.length > WIDEST) return [];
  const body = classification.classes.map(({ precision, recall, f1, support }, c) => [
    clipped(printable(classes[c]), 30),
    ...[precision, recall, f1].map((share) => share.toFixed(4)),
    String(support),
  ]);
  return ["", ...columned(["class", "precision", "recall", "F1", "rows"], body, { right: [1, 2, 3, 4] })];
}
