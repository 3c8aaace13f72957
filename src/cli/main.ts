#!/usr/bin/env node
/** The `thalweg` command: runs a subcommand, and reports errors as one line and an exit code. */
import { quoted } from "../check.js";
import { nearest } from "../nearest.js";
import { UsageError } from "./args.js";
import { Interrupted, readerLost } from "./interrupt.js";
import { labelled, type Row } from "./labelledRows.js";
import { print, printError } from "./output.js";
import { program } from "./program.js";
import { textColumns } from "./terminal.js";
import { version } from "./version.js";

type Command = (args: string[]) => Promise<void>;

/** Each is loaded when it is called, so that `--help` does not wait for an engine. */
const commands: Record<string, () => Promise<Command>> = {
  train: async () => (await import("./train.js")).train,
  tune: async () => (await import("./tune.js")).tune,
  sweep: async () => (await import("./sweep.js")).runSweep,
  worker: async () => (await import("./worker.js")).work,
  predict: async () => (await import("./predict.js")).predict,
  export: async () => (await import("./export.js")).exportModel,
  explain: async () => (await import("./explain.js")).explain,
  race: async () => (await import("./race.js")).raceSurface,
  symmetry: async () => (await import("./symmetry.js")).symmetry,
  "family-trees": async () => (await import("./familyTrees.js")).familyTrees,
  schedule: async () => (await import("./schedule.js")).drawSchedule,
  arena: async () => (await import("./arena.js")).serveArena,
  throughput: async () => (await import("./throughput.js")).throughput,
  optimizers: async () => (await import("./optimizers.js")).listOptimizers,
  recipes: async () => (await import("./recipes.js")).showRecipes,
};

const HELP: readonly Row[] = [
  ["train data.csv --target COL", "train a network on a CSV file"],
  ["tune data.csv --target COL", "find good settings for a CSV file"],
  ["sweep plan.json", "try settings by a plan, on all cores"],
  ["worker --redis URL", "run trials of sweeps that are started elsewhere"],
  ["predict MODEL data.csv", "predict new rows with a saved run"],
  ["export MODEL --html FILE", "write a saved run as a page that predicts"],
  ["explain NAME", "explain an optimizer, step by step"],
  ["race SURFACE", "let optimizers descend a surface"],
  ["symmetry", "run the symmetry experiment of 1986"],
  ["family-trees", "run the family-trees experiment of 1986"],
  ['schedule "PARTS"', "draw a schedule of a learning rate"],
  ["arena", "serve a site that shows optimizers at work"],
  ["throughput", "measure the speed of this machine"],
  ["optimizers [NAME]", "list optimizers, or show one in full"],
  ["recipes [NAME]", "list recipes, or show one in full"],
  ["", ""],
  ["COMMAND --help", "show the options of a command"],
  ["--version", "show the version"],
];

function help(): void {
  const rows = HELP.map(([call, text]): Row => [call && `  ${program()} ${call}`, text]);
  print([
    "thalweg: neural-network optimizers and backpropagation as SIMD WebAssembly",
    "",
    ...labelled(rows, textColumns()),
  ]);
}

async function main([name = "help", ...args]: string[]): Promise<void> {
  if (["help", "--help", "-h"].includes(name)) {
    const [topic] = args;
    if (topic === undefined) help();
    else {
      const command = find(topic);
      if (command) await (await command())(["--help"]);
    }
    return;
  }
  if (["--version", "-v", "version"].includes(name)) {
    print([version()]);
    return;
  }
  const command = find(name);
  if (command === undefined) return;
  try {
    await (await command())(args);
  } catch (error) {
    fail(`thalweg ${name}`, error);
  }
}

/** The command of this name; reports one that is not known. */
function find(name: string): (typeof commands)[string] | undefined {
  if (Object.hasOwn(commands, name)) return commands[name];
  const near = nearest(name, Object.keys(commands));
  fail("thalweg", new UsageError(`unknown command ${quoted(name)}${near ? `; did you mean ${near}?` : ""}`));
  return undefined;
}

/**
 * Prints an error as one line and sets the exit code: 130 or 143 after a signal, 2 for a wrong call, 1 for anything
 * else.
 */
function fail(name: string, error: unknown): void {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
  const hint = error instanceof UsageError ? ` (see ${name.replace("thalweg", program())} --help)` : "";
  printError(`${name}: ${message}${hint}`);
  process.exitCode = error instanceof Interrupted ? error.exitCode : error instanceof UsageError ? 2 : 1;
}

// A reader that closes the pipe early (`| head`) is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && stream === process.stdout) fail("thalweg", error);
    readerLost();
  });
}

await main(process.argv.slice(2));
