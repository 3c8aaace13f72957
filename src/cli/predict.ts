import { resolve } from "node:path";
import { markdownTable } from "markdown-table";
import { printable } from "../check.js";
import { predictable } from "../data/encode.js";
import { inputsOf, ownUnits, type Schema, targetName, unitOf } from "../data/schema.js";
import { createEngine } from "../engine/create.js";
import { exp } from "../f64.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { readTable } from "../node/tableFile.js";
import { type Evaluation, evaluate, predict as outputsOf } from "../train/evaluate.js";
import { choice, command, option, parsed, text, UsageError } from "./args.js";
import { checkWritable, loadForUse, readSavedRun } from "./savedRun.js";
import { lossesOf, partsOf } from "./settings.js";
import { type Reading, readingOf, withTableOptions } from "./tableOptions.js";
import { headerOption } from "./trainOptions.js";
import { plural, score } from "./trainReport.js";

interface Values extends Reading {
  target?: string;
  header?: boolean;
  out?: string;
  backend: "auto" | "wasm" | "js";
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
  const { target, out, backend, json = false } = call.values;
  const { reading } = readingOf(call.values);
  if (out !== undefined && [model, data].some((input) => resolve(input) === resolve(out)))
    throw new UsageError(`--out: expected a file other than the inputs, got ${out}`);
  const found = await answers(model, data, { target, header: header(), reading, backend });
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
  if (out === undefined) process.stdout.write(process.stdout.isTTY ? shown(found.csv) : found.csv);
  if (summary.length > 0) (out === undefined ? process.stderr : process.stdout).write(`${summary.join("\n")}\n`);
}

type Prediction = { class: string; probability: number } | number;

interface Answers {
  rows: number;
  classes: readonly string[] | null;
  predictions: Prediction[];
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
}

async function answers(file: string, data: string, { target, header, reading, backend }: Asked): Promise<Answers> {
  const saved = await readSavedRun(file);
  const { schema, settings, rows: trained } = saved;
  const table = await readTable(data, { header, ...reading });
  const { rows, x, y } = predictable(schema, table, target);
  // A run trained with relaxed SIMD does not need it here: it only adds speed, and not every host has it.
  using engine = await createEngine({ backend, simd: settings.simd === "strict" ? "strict" : "auto" });
  const parts = partsOf(engine, settings, schema, trained);
  using model = parts.model;
  using _ = parts.optimizer;
  loadForUse(saved, parts);
  const inputs = engine.tensor([rows, inputsOf(schema)], x);
  const predictions = predictionsOf(schema, outputsOf(model, inputs), rows);
  const truth = y && (y instanceof Int32Array ? y : engine.tensor([rows, 1], y));
  const measured = truth && evaluate(model, { x: inputs, y: truth }, { loss: lossesOf(settings, schema).reported });
  const loss = measured ? measured.loss * unitOf(schema) ** 2 : null;
  const { accuracy = null, confusion = null } = measured ?? {};
  return {
    rows,
    classes: schema.target.classes,
    predictions,
    csv: csvOf(predictions),
    loss,
    accuracy,
    confusion,
    summary:
      loss === null
        ? []
        : [`${targetName(schema)}: ${score(schema.target.task, { loss, accuracy })}`, ...matrix(schema, measured!)],
  };
}

function predictionsOf(schema: Schema, outputs: Float32Array, rows: number): Prediction[] {
  const { classes } = schema.target;
  if (classes === null) return Array.from(ownUnits(schema, outputs), (value) => digits(value, 7));
  const width = classes.length;
  return Array.from({ length: rows }, (_, r) => {
    const logits = outputs.subarray(r * width, (r + 1) * width);
    let best = 0;
    for (let j = 1; j < width; j++) if (logits[j] > logits[best]) best = j;
    const sum = logits.reduce((total, logit) => total + exp(logit - logits[best]), 0);
    return { class: classes[best], probability: digits(1 / sum, 6) };
  });
}

/** Rounds to significant digits: f32 has about 7, more would be noise. */
const digits = (x: number, count: number): number => Number(x.toPrecision(count));

function csvOf(predictions: readonly Prediction[]): string {
  const lines = predictions.map((one) =>
    typeof one === "number" ? `${one}` : `${cell(one.class)},${one.probability}`,
  );
  const names = typeof predictions[0] === "number" ? "prediction" : "prediction,probability";
  return `${[names, ...lines].join("\n")}\n`;
}

const shown = (text: string): string => text.split("\n").map(printable).join("\n");

/** A cell, in quotes if RFC 4180 requires them. */
const cell = (word: string): string => (/[",\r\n]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);

/** The largest number of classes whose confusion matrix fits a terminal. */
const WIDEST = 10;

function matrix({ target: { classes } }: Schema, { confusion }: Evaluation): string[] {
  if (classes === null || confusion === undefined || classes.length > WIDEST) return [];
  const names = classes.map(printable);
  const head = ["true ↓ pred. →", ...names];
  const body = confusion.map((counts, c) => [names[c], ...counts.map(String)]);
  return ["", markdownTable([head, ...body], { align: ["l", ...classes.map(() => "r")] })];
}
