import type { Command } from "commander";
import { TASKS, type Task } from "../data/target.js";
import { runShapes } from "../schedule/run.js";
import { choice, command, number, numberIn, option, parsed, share, text, UsageError, whole } from "./args.js";
import { threadsOption } from "./engineOptions.js";
import { activations, OPTIMIZERS, optimizerName, type Settings, withDefaults } from "./settings.js";

const EXAMPLES = `
Examples:
  thalweg train iris.csv --target species
  thalweg train houses.csv --target price --hidden 64,32 --activation gelu --lr 3e-3 --clip 1
  thalweg train digits.csv --target 64 --test unseen.csv --hidden 128 --dropout 0.3 --label-smoothing 0.1
    --optimizer adamw --lr 4e-3 --schedule cosine --batch 16 --epochs 60
  thalweg train iris.csv --target species --validation 20% --early-stop 10 --save iris.safetensors
  thalweg train iris.csv --resume iris.safetensors
  thalweg predict iris.safetensors new.csv`;

/** A call of `thalweg train`. */
export interface TrainCommand {
  file: string;
  test: string | undefined;
  header: boolean | undefined;
  /** What was said about the run; with `resume`, the rest is in the file. */
  said: Partial<Settings>;
  save: string | undefined;
  resume: string | undefined;
  backend: "auto" | "wasm" | "js";
  threads: number | "auto" | undefined;
  json: boolean;
}

interface Values extends Partial<Settings>, Pick<TrainCommand, "backend"> {
  test?: string;
  header?: boolean;
  save?: string;
  resume?: string;
  threads?: number | "auto";
  json?: true;
}

const rate = numberIn("a number in [0, 1)", (x) => x >= 0 && x < 1);
const positive = numberIn("a number > 0", (x) => x > 0);

/**
 * The command with its options. Those of a run have no defaults here, as a resumed run has its own: what their help
 * calls the default is filled in by {@link withDefaults}.
 */
export function trainCommand(): Command {
  return command("train", "trains a network on a CSV file", "data.csv --target COL [options]")
    .optionsGroup("Data:")
    .addOption(option("--target <col>", "the column to predict, by name or zero-based index", text))
    .addOption(option("--test <file>", "rows to measure the trained network on", text))
    .addOption(option("--validation <share>", "share of the rows to set aside and measure on, 0.2 or 20%", share))
    .addOption(
      option(
        "--task <t>",
        "classification or regression (default: found out; text and few whole numbers are classes)",
        choice<Task>(TASKS),
      ),
    )
    .option("--header", "the first row names the columns (default: found out)")
    .option("--no-header", "it does not")
    .optionsGroup("Network:")
    .addOption(option("--hidden <widths>", "of the hidden layers: 64,32 or none (default: 64)", widths))
    .addOption(
      option(
        "--activation <a>",
        `${Object.keys(activations).join(", ")} (default: relu)`,
        choice(Object.keys(activations)),
      ),
    )
    .addOption(option("--dropout <p>", "probability to drop a hidden unit in training", rate))
    .optionsGroup("Training:")
    .addOption(option("--optimizer <o>", `${OPTIMIZERS.join(", ")} (default: adamw)`, optimizerName))
    .addOption(option("--lr <x>", "learning rate (default: the optimizer's own)", number))
    .addOption(option("--weight-decay <x>", "where the optimizer has it (default: its own)", number))
    .addOption(option("--momentum <x>", "where the optimizer has it (default: its own)", number))
    .addOption(
      option("--schedule <name>", `of the learning rate over the run: ${runShapes.join(", ")}`, choice(runShapes)),
    )
    .addOption(option("--warmup <n>", "steps in which the learning rate rises, or a share of all: 100 or 5%", warmupOf))
    .addOption(option("--clip <n>", "clip gradients by their global norm", positive))
    .addOption(
      option(
        "--label-smoothing <e>",
        "mix the classes with the uniform distribution",
        numberIn("a number in [0, 1]", (x) => x >= 0 && x <= 1),
      ),
    )
    .addOption(option("--ema <decay>", "use the exponential moving average of the weights: 0.99", rate))
    .addOption(
      option(
        "--early-stop <n>",
        "end after n epochs without a better loss (of validation, if any); keep the best",
        whole(),
      ),
    )
    .addOption(option("--epochs <n>", "passes over the data (default: 30)", whole()))
    .addOption(option("--batch <n>", "rows a step (default: 32)", whole()))
    .addOption(
      option(
        "--seed <n>",
        "of weights, dropout and the order of the rows (default: 1)",
        whole(Number.MIN_SAFE_INTEGER),
      ),
    )
    .optionsGroup("Checkpoints:")
    .addOption(option("--save <file>", "save the run after each epoch, at its end, at Ctrl-C and at SIGTERM", text))
    .addOption(option("--save-every <n>", "save after every n epochs, where epochs are short (default: 1)", whole()))
    .addOption(option("--resume <file>", "go on with the run in a file, with its options, and save there too", text))
    .optionsGroup("Engine and output:")
    .addOption(option("--backend <b>", "auto, wasm or js", choice(["auto", "wasm", "js"]), "auto"))
    .addOption(
      option(
        "--simd <s>",
        "auto, relaxed or strict: strict ends with the same bits on every host (default: auto)",
        choice(["auto", "relaxed", "strict"]),
      ),
    )
    .addOption(threadsOption())
    .option("--json", "one JSON object on one line")
    .helpOption("-h, --help", "show this")
    .addHelpText("after", EXAMPLES);
}

/** Reads and checks the options of `thalweg train`; undefined when help is asked for. */
export function trainOptions(args: string[]): TrainCommand | undefined {
  const words = trainCommand();
  const header = headerOption(words);
  const call = parsed<Values>(words, args);
  if (call === undefined) return undefined;
  const [file, ...rest] = call.words;
  if (file === undefined) throw new UsageError("expected a CSV file, got none");
  if (rest.length > 0) throw new UsageError(`expected one CSV file, got ${JSON.stringify(rest[0])} as well`);
  const { test, save, resume, backend, threads, json = false, header: _, ...said } = call.values;
  if (said.target === undefined && resume === undefined)
    throw new UsageError("--target: expected the column to predict, got none");
  if (said.saveEvery !== undefined && save === undefined && resume === undefined)
    throw new UsageError("--save-every: expected --save FILE, which it is about, got none");
  if (resume === undefined) withDefaults(said); // to refuse what contradicts itself before anything is read
  return { file, test, header: header(), said, save: save ?? resume, resume, backend, threads, json };
}

/** Watches --header and --no-header, of which Commander would let the last one win; returns what was asked for. */
export function headerOption(command: Command): () => boolean | undefined {
  const asked = new Set<boolean>();
  command.on("option:header", () => asked.add(true)).on("option:no-header", () => asked.add(false));
  return () => {
    if (asked.size > 1) throw new UsageError("expected --header or --no-header, got both");
    return [...asked][0];
  };
}

function widths(name: string, list: string): number[] {
  if (list === "none") return [];
  return list.split(",").map((width) => whole()(name, width.trim()));
}

/** Steps, or a share of the run as the text that says so. */
function warmupOf(name: string, text: string): number | string {
  if (!text.endsWith("%") && !text.includes(".")) return whole()(name, text);
  share(name, text);
  return text;
}
