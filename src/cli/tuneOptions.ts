import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { Settings } from "../tabular/settings.js";
import { STAGES, type TuneStageName, USUAL_STAGES } from "../tabular/tune/stages.js";
import { choice, command, numberIn, option, parsed, UsageError, whole } from "./args.js";
import { completed } from "./savedRun.js";
import { type Reading, readingOf } from "./tableOptions.js";
import { headerOption, type TrainCommand, trainCommand } from "./trainOptions.js";

const REST = `
Tries one setting after the other, in the order of the stages, and goes on with the best: of each stage all values over few epochs, the better half over twice as many, and so on. Settings that are given stay as they are. Every trial is measured on rows that it was not trained on; the rows of --test are measured once, at the end, with the best settings.

Examples:
  thalweg tune iris.csv --target species
  thalweg tune houses.csv --target price --minutes 5 --save houses.safetensors
  thalweg tune digits.csv --target 64 --stages lr,batch --hidden 128 --folds 3
  thalweg tune iris.csv --target species --print-plan > plan.json`;

/** A call of `thalweg tune`. */
export interface TuneCommand extends Pick<TrainCommand, "file" | "test" | "header" | "reading" | "save" | "json"> {
  given: Partial<Settings>;
  folds: number | undefined;
  stages: TuneStageName[] | undefined;
  trials: number | undefined;
  minutes: number | undefined;
  workers: number;
  /** Print the search as a plan of a sweep, and do none of it. */
  printPlan: boolean;
}

interface Values extends Partial<Settings>, Partial<Omit<TuneCommand, "given" | "reading" | "header">>, Reading {
  header?: boolean;
}

/** Options of `thalweg train` that a search has no use for. */
const NOT_HERE = ["--save-every", "--resume", "--weights", "--backend", "--threads", "--verbose", "--json", "--help"];

/** Others that a search describes in its own way. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "--test": "CSV file to measure the best on, once, at the end",
  "--validation": "fraction of the rows to measure on, in place of folds: 0.2 or 20% (default: 20% above 5,000 rows)",
  "--save": "train with the best settings on all rows, and save the run",
  "--simd": "auto, relaxed or strict (default: strict, which gives the same table on every host)",
};

export function tuneCommand(): Command {
  const made = command("tune", "finds good settings for a CSV file", "data.csv --target COL [options]", REST)
    .optionsGroup("Search:")
    .addOption(option("--folds <k>", "measure on k folds, each in turn (default: 5 up to 5,000 rows)", whole(2)))
    .addOption(option("--stages <names>", `what to sweep, in this order (default: ${USUAL_STAGES.join(", ")})`, stages))
    .addOption(option("--trials <n>", "at most n trials, each some settings over some epochs", whole()))
    .addOption(
      option(
        "--minutes <m>",
        "end within about m minutes",
        numberIn("a number > 0", (x) => x > 0),
      ),
    )
    .addOption(
      option("--workers <n>", "threads that train, each a network of its own (default: one per core)", whole()),
    )
    .option("--print-plan", "print the search as a plan for `thalweg sweep`, and begin nothing")
    .option("--json", "print one JSON object on one line: the plan, all trials, the best settings");
  for (const each of trainCommand().options) {
    if (NOT_HERE.includes(each.long!)) continue;
    each.description = DESCRIPTIONS[each.long!] ?? each.description;
    made.addOption(each);
  }
  return made;
}

const stages = (name: string, list: string): TuneStageName[] =>
  list.split(",").map((stage) => choice(STAGES)(name, stage.trim()));

/** Parses and checks the options of `thalweg tune`; undefined if the help has been shown instead. */
export function tuneOptions(args: string[]): TuneCommand | undefined {
  const words = tuneCommand();
  const header = headerOption(words);
  const call = parsed<Values>(words, args);
  if (call === undefined) return undefined;
  const [file, ...rest] = call.words;
  if (file === undefined) throw new UsageError("expected a CSV file, as in: thalweg tune data.csv, got none");
  if (rest.length > 0) throw new UsageError(`expected one CSV file, got ${JSON.stringify(rest[0])} as well`);
  const { test, save, folds, stages, trials, minutes, workers, json = false, ...more } = call.values;
  const { header: _, printPlan = false, ...options } = more;
  const { reading, others: given } = readingOf(options);
  if (file === "-" && test === "-") throw new UsageError("--test: expected a file, as stdin has the data, got -");
  if (given.target === undefined) throw new UsageError("--target: expected the column to predict, got none");
  if (folds !== undefined && given.validation !== undefined)
    throw new UsageError("expected --folds or --validation, got both");
  if (printPlan)
    checkForPlan(file, { ...reading, header: header(), test, save, minutes, workers, json: json || undefined });
  completed(given); // refuses contradictions before any file is read
  return {
    ...{ file, test, header: header(), reading, given, save, folds, stages, trials, minutes, json, printPlan },
    workers: workers ?? availableParallelism(),
  };
}

/** Refuses what a plan of a sweep has no place for: it has the file and the settings alone. */
function checkForPlan(file: string, others: Record<string, unknown>): void {
  if (file === "-") throw new UsageError("--print-plan: expected a file, which a sweep reads again, got -");
  const name = Object.keys(others).find((key) => others[key] !== undefined);
  if (name !== undefined)
    throw new UsageError(`expected --print-plan without --${name}, which a plan does not have, got both`);
}
