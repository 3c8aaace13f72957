#!/usr/bin/env node
/** The `thalweg` command: finds the subcommand, and turns errors into one line and an exit code. */
import { readFileSync } from "node:fs";
import { nearest, UsageError } from "./args.js";
import { Interrupted } from "./interrupt.js";

type Command = (args: string[]) => Promise<void>;

/** Loaded when called for, so that `--help` need not wait for an engine. */
const commands: Record<string, () => Promise<Command>> = {
  train: async () => (await import("./train.js")).train,
  predict: async () => (await import("./predict.js")).predict,
  symmetry: async () => (await import("./symmetry.js")).symmetry,
  throughput: async () => (await import("./throughput.js")).throughput,
  optimizers: async () => (await import("./optimizers.js")).listOptimizers,
  recipes: async () => (await import("./recipes.js")).showRecipes,
};

const HELP = `thalweg: neural-network optimizers and backpropagation as SIMD WebAssembly

  thalweg train data.csv --target COL   train a network on a CSV file
  thalweg predict MODEL data.csv        what a saved run makes of new rows
  thalweg symmetry                      the symmetry-detection experiment of 1986
  thalweg throughput                    how fast this machine takes steps
  thalweg optimizers                    every optimizer, its source, state and defaults
  thalweg recipes [NAME]                what to use when, with sources

  thalweg COMMAND --help                the options of a command
  thalweg --version
`;

async function main([name = "help", ...args]: string[]): Promise<void> {
  if (["help", "--help", "-h"].includes(name)) {
    const topic = commands[args[0] ?? ""];
    if (topic) return (await topic())(["--help"]);
    process.stdout.write(HELP);
    return;
  }
  if (["--version", "-v", "version"].includes(name)) {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    process.stdout.write(`${version}\n`);
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const near = nearest(name, Object.keys(commands));
    return fail(
      "thalweg",
      new UsageError(`unknown command ${JSON.stringify(name)}${near ? `; did you mean ${near}?` : ""}`),
    );
  }
  try {
    await (await command())(args);
  } catch (error) {
    fail(`thalweg ${name}`, error);
  }
}

/** One line, whatever went wrong: 130 or 143 when a signal ended it, 2 for a wrong call, else 1. */
function fail(name: string, error: unknown): void {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
  const hint = error instanceof UsageError ? ` (see ${name} --help)` : "";
  process.stderr.write(`${name}: ${message}${hint}\n`);
  process.exitCode = error instanceof Interrupted ? error.exitCode : error instanceof UsageError ? 2 : 1;
}

// A reader that has seen enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    fail("thalweg", error);
    process.exit();
  });
}

await main(process.argv.slice(2));
