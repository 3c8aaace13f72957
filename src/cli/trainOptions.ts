import type { Command } from "commander";
import { DATE_PARTS } from "../data/dateParts.js";
import { DATE_ORDERS } from "../data/plan.js";
import { TASKS, type Task } from "../data/target.js";
import { runShapes } from "../schedule/run.js";
import { activations } from "../tabular/network.js";
import { OPTIMIZERS } from "../tabular/optimizer.js";
import type { Settings } from "../tabular/settings.js";
import { choice, command, fraction, number, numberIn, option, parsed, text, UsageError, whole } from "./args.js";
import { threadsOption } from "./engineOptions.js";
import { helpText } from "./helpText.js";
import { optimizerName } from "./optimizerName.js";
import { completed } from "./savedRun.js";
import { type Reading, readingOf, withTableOptions } from "./tableOptions.js";

const EXAMPLES = `
Examples:
  thalweg train iris.csv --target species
  thalweg train houses.csv --target price --hidden 64,32 --activation gelu --lr 3e-3 --clip 1
  thalweg train digits.csv --target 64 --test unseen.csv --hidden 128 --dropout 0.3 --label-smoothing 0.1 \\
    --optimizer adamw --lr 4e-3 --schedule cosine --batch 16 --epochs 60
  thalweg train iris.csv --target species --validation 20% --early-stop 10 --save iris.safetensors
  thalweg train iris.csv --resume iris.safetensors
  thalweg predict iris.safetensors new.csv`;

/** A call of `thalweg train`. */
export interface TrainCommand {
  file: string;
  test: string | undefined;
  header: boolean | undefined;
  /** How the files are read. */
  reading: Reading;
  /** The settings given; with `resume`, the others are in the file. */
  given: Partial<Settings>;
  save: string | undefined;
  resume: string | undefined;
  /** The file whose weights the run starts from. */
  weights: string | undefined;
  backend: "auto" | "wasm" | "js";
  threads: number | "auto" | undefined;
  /** Report the engine and a hash of the parameters too. */
  verbose: boolean;
  json: boolean;
}

interface Values extends Partial<Settings>, Pick<TrainCommand, "backend">, Reading {
  test?: string;
  header?: boolean;
  save?: string;
  resume?: string;
  weights?: string;
  threads?: number | "auto";
  verbose?: true;
  json?: true;
}

const rate = numberIn("a number in [0, 1)", (x) => x >= 0 && x < 1);
const positive = numberIn("a number > 0", (x) => x > 0);

/**
 * The command with its options. The settings of a run have no defaults here, because a resumed run takes them from its
 * file: `withDefaults` fills in the defaults that the help names.
 */
export function trainCommand(): Command {
  const made = command("train", "trains a network on a CSV file", "data.csv --target COL [options]")
    .optionsGroup("Data:")
    .addOption(option("--target <col>", "the column to predict, by name or zero-based index", text))
    .addOption(option("--test <file>", "CSV file to measure the trained network on", text))
    .addOption(option("--validation <f>", "fraction of the rows to hold out and measure on: 0.2 or 20%", fraction))
    .addOption(
      option(
        "--task <t>",
        "classification or regression (default: detected; text and few whole numbers are classes)",
        choice<Task>(TASKS),
      ),
    )
    .option("--header", "the first row names the columns (default: detected)")
    .option("--no-header", "the first row is data");
  return withTableOptions(made)
    .addOption(option("--ignore <cols>", "columns to leave out: id,name", columns))
    .addOption(option("--features <cols>", "columns to use, and no others", columns))
    .addOption(option("--numeric <cols>", "columns to read as numbers; other cells of them are missing", columns))
    .addOption(option("--categorical <cols>", "columns to read as categories", columns))
    .addOption(option("--dates <parts>", `what dates become: ${DATE_PARTS.join(", ")}`, dateParts))
    .addOption(
      option(
        "--missing <m>",
        "impute: missing cells become usual values; drop: their rows go (default: impute)",
        choice(["impute", "drop"]),
      ),
    )
    .option("--indicator", "a further input for each column with missing cells: 1 where one is missing")
    .optionsGroup("Network:")
    .addOption(option("--hidden <widths>", "widths of the hidden layers: 64,32 or none (default: 64)", widths))
    .addOption(
      option(
        "--activation <a>",
        `activation: ${Object.keys(activations).join(", ")} (default: relu)`,
        choice(Object.keys(activations)),
      ),
    )
    .addOption(option("--dropout <p>", "probability of dropping a hidden unit in training", rate))
    .optionsGroup("Training:")
    .addOption(option("--optimizer <o>", `optimizer: ${OPTIMIZERS.join(", ")} (default: adamw)`, optimizerName))
    .addOption(option("--lr <x>", "learning rate (default: the optimizer's own)", number))
    .addOption(option("--weight-decay <x>", "weight decay, if the optimizer has it (default: its own)", number))
    .addOption(option("--momentum <x>", "momentum, if the optimizer has it (default: its own)", number))
    .addOption(option("--schedule <name>", `schedule of the learning rate: ${runShapes.join(", ")}`, choice(runShapes)))
    .addOption(option("--warmup <n>", "steps of warm-up, or a fraction of the run: 100 or 5%", warmupOf))
    .addOption(option("--clip <n>", "clip gradients to this global norm", positive))
    .addOption(
      option(
        "--label-smoothing <e>",
        "mix the classes with the uniform distribution",
        numberIn("a number in [0, 1]", (x) => x >= 0 && x <= 1),
      ),
    )
    .addOption(
      option("--class-weights <w>", "balanced: rare classes count as much as frequent ones", choice(["balanced"])),
    )
    .addOption(option("--ema <decay>", "decay of an exponential moving average of the weights: 0.99", rate))
    .addOption(
      option(
        "--early-stop <n>",
        "stop after n epochs without a better loss (of the validation, if any); keep the best",
        whole(),
      ),
    )
    .addOption(
      option("--epochs <n>", "passes over the data (default: 30, or some 3,000 steps of a small file)", whole()),
    )
    .addOption(option("--batch <n>", "rows per step (default: 32; with lbfgs all of them)", whole()))
    .addOption(
      option("--seed <n>", "seed of weights, dropout and shuffling (default: 1)", whole(Number.MIN_SAFE_INTEGER)),
    )
    .optionsGroup("Checkpoints:")
    .addOption(
      option(
        "--save <file>",
        "save the run at its end, when it is interrupted, and after epochs (a tenth of the time at most)",
        text,
      ),
    )
    .addOption(option("--save-every <n>", "save after every n epochs, however long that takes", whole()))
    .addOption(option("--resume <file>", "resume the run in a file, with its options, and save it there", text))
    .addOption(option("--weights <file>", "start from the weights of a saved run, on other rows of its columns", text))
    .optionsGroup("Engine and output:")
    .addOption(option("--backend <b>", "auto, wasm or js", choice(["auto", "wasm", "js"]), "auto"))
    .addOption(
      option(
        "--simd <s>",
        "auto, relaxed or strict: strict gives the same bits on every host (default: auto)",
        choice(["auto", "relaxed", "strict"]),
      ),
    )
    .addOption(threadsOption())
    .option("--verbose", "report the engine and a hash of the parameters too")
    .option("--json", "print one JSON object on one line, with every setting and the losses of each epoch")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", () => helpText(EXAMPLES));
}

/** Parses and checks the options of `thalweg train`; undefined if the help has been shown instead. */
export function trainOptions(args: string[]): TrainCommand | undefined {
  const words = trainCommand();
  const header = headerOption(words);
  const call = parsed<Values>(words, args);
  if (call === undefined) return undefined;
  const [file, ...rest] = call.words;
  if (file === undefined) throw new UsageError("expected a CSV file, as in: thalweg train data.csv, got none");
  if (rest.length > 0) throw new UsageError(`expected one CSV file, got ${JSON.stringify(rest[0])} as well`);
  const {
    test,
    save,
    resume,
    weights,
    backend,
    threads,
    verbose = false,
    json = false,
    header: _,
    ...options
  } = call.values;
  const { reading, others: given } = readingOf(options);
  if (file === "-" && test === "-") throw new UsageError("--test: expected a file, as stdin has the data, got -");
  if (weights !== undefined && resume !== undefined)
    throw new UsageError("expected --resume, to go on with a run, or --weights, to start a new one, got both");
  if (given.target === undefined && resume === undefined && weights === undefined)
    throw new UsageError("--target: expected the column to predict, got none");
  if (given.saveEvery !== undefined && save === undefined && resume === undefined)
    throw new UsageError("--save-every: expected --save FILE with it, got none");
  if (resume === undefined) completed(given); // refuses contradictions before any file is read
  return {
    file,
    test,
    header: header(),
    reading,
    given,
    save: save ?? resume,
    resume,
    weights,
    backend,
    threads,
    verbose,
    json,
  };
}

/** Watches --header and --no-header, of which Commander would take the last one; returns the one that was given. */
export function headerOption(command: Command): () => boolean | undefined {
  const asked = new Set<boolean>();
  command.on("option:header", () => asked.add(true)).on("option:no-header", () => asked.add(false));
  return () => {
    if (asked.size > 1) throw new UsageError("expected --header or --no-header, got both");
    return [...asked][0];
  };
}

/** A list of columns by name or index. A name with a comma is given by its index. */
const columns = (_: string, list: string): string[] => list.split(",").map((name) => name.trim());

function dateParts(name: string, list: string) {
  return list.split(",").map((part) => choice([...DATE_PARTS, ...DATE_ORDERS])(name, part.trim()));
}

function widths(name: string, list: string): number[] {
  if (list === "none") return [];
  return list.split(",").map((width) => whole()(name, width.trim()));
}

/** A number of steps, or a fraction of the run as its text. */
function warmupOf(name: string, text: string): number | string {
  if (!text.endsWith("%") && !text.includes(".")) return whole()(name, text);
  fraction(name, text);
  return text;
}
