import type { Task } from "../data/target.js";
import type { OptimizerFactory } from "../optim/optimizer.js";
import { optimizers } from "../optim/table.js";
import { choiceOption, nearest, numberOption, parseCommand, UsageError, wholeOption } from "./args.js";

const TASKS: readonly Task[] = ["classification", "regression"];
const NAMES = Object.keys(optimizers);

export const HELP = `thalweg train: trains a network on a CSV file

  thalweg train data.csv --target COL [options]

Data
  --target COL          the column to predict, by name or zero-based index
  --test FILE           rows to measure the trained network on
  --task T              classification or regression (default: found out; text and few whole numbers are classes)
  --header, --no-header
                        the first row names the columns, or does not (default: found out)

Network
  --hidden 64,32        widths of the hidden layers, or none (default 64)
  --activation A        relu, sigmoid or tanh (default relu)

Training
  --optimizer O         ${wrapped(NAMES)} (default adamw)
  --lr X                learning rate (default: the optimizer's own)
  --weight-decay X      where the optimizer has it (default: the optimizer's own)
  --momentum X          where the optimizer has it (default: the optimizer's own)
  --clip N              clip gradients by their global norm
  --epochs N            passes over the data (default 30)
  --batch N             rows a step (default 32)
  --seed N              of the initial weights and the order of the rows (default 1)

Engine and output
  --backend B           auto, wasm or js (default auto)
  --simd S              auto, relaxed or strict: strict ends with the same bits on every host (default auto)
  --json                one JSON object on one line
  --help

Examples
  thalweg train iris.csv --target species
  thalweg train digits.csv --test unseen.csv --target 64 --hidden 64 --optimizer adamw --epochs 30
  thalweg train houses.csv --target price --hidden 64,32 --activation tanh --lr 3e-3 --clip 1
  thalweg train iris.csv --target species --simd strict --json
`;

/** Names in lines short enough for a terminal, under the first. */
function wrapped(names: readonly string[]): string {
  const lines = [""];
  for (const [i, name] of names.entries()) {
    const word = i < names.length - 1 ? `${name}, ` : name;
    if (lines.at(-1)!.length + word.length > 80) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines.map((line) => line.trimEnd()).join(`\n${" ".repeat(24)}`);
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const OPTIONS = {
  target: text,
  test: text,
  task: text,
  header: flag,
  "no-header": flag,
  hidden: { ...text, default: "64" },
  activation: { ...text, default: "relu" },
  optimizer: { ...text, default: "adamw" },
  lr: text,
  "weight-decay": text,
  momentum: text,
  clip: text,
  epochs: { ...text, default: "30" },
  batch: { ...text, default: "32" },
  seed: { ...text, default: "1" },
  backend: { ...text, default: "auto" },
  simd: { ...text, default: "auto" },
  json: flag,
  help: { ...flag, short: "h" },
} as const;

/** An optimizer of THE TABLE, whichever it is. */
export type AnyFactory = OptimizerFactory<Record<string, unknown>, object>;

export interface TrainCommand {
  file: string;
  target: string;
  test: string | undefined;
  task: Task | undefined;
  header: boolean | undefined;
  hidden: number[];
  activation: "relu" | "sigmoid" | "tanh";
  optimizer: AnyFactory;
  hyper: Record<string, number>;
  clipNorm: number | undefined;
  epochs: number;
  batchSize: number;
  seed: number;
  backend: "auto" | "wasm" | "js";
  simd: "auto" | "relaxed" | "strict";
  json: boolean;
}

/** Reads and checks the options of `thalweg train`; undefined when help is asked for. */
export function trainOptions(args: string[]): TrainCommand | undefined {
  const { values, positionals } = parseCommand(args, OPTIONS);
  if (values.help) return undefined;
  const [file, ...rest] = positionals;
  if (file === undefined) throw new UsageError("expected a CSV file, got none");
  if (rest.length > 0) throw new UsageError(`expected one CSV file, got ${JSON.stringify(rest[0])} as well`);
  if (values.target === undefined) throw new UsageError("--target: expected the column to predict, got none");
  if (values.header && values["no-header"]) throw new UsageError("expected --header or --no-header, got both");
  const optimizer = factoryOf(values.optimizer);
  const clip = values.clip === undefined ? undefined : numberOption("--clip", values.clip);
  if (clip !== undefined && clip <= 0) throw new UsageError(`--clip: expected a number > 0, got ${values.clip}`);
  return {
    file,
    target: values.target,
    test: values.test,
    task: values.task === undefined ? undefined : choiceOption<Task>("--task", values.task, TASKS),
    header: values.header ? true : values["no-header"] ? false : undefined,
    hidden: widths(values.hidden),
    activation: choiceOption("--activation", values.activation, ["relu", "sigmoid", "tanh"]),
    optimizer,
    hyper: hyperOf(optimizer, { lr: values.lr, weightDecay: values["weight-decay"], momentum: values.momentum }),
    clipNorm: clip,
    epochs: wholeOption("--epochs", values.epochs),
    batchSize: wholeOption("--batch", values.batch),
    seed: wholeOption("--seed", values.seed, Number.MIN_SAFE_INTEGER),
    backend: choiceOption("--backend", values.backend, ["auto", "wasm", "js"]),
    simd: choiceOption("--simd", values.simd, ["auto", "relaxed", "strict"]),
    json: values.json,
  };
}

function factoryOf(name: string): AnyFactory {
  if (Object.hasOwn(optimizers, name)) return (optimizers as unknown as Record<string, AnyFactory>)[name]!;
  const near = nearest(name.toLowerCase(), NAMES);
  const hint = near ? `; did you mean ${near}?` : "";
  throw new UsageError(`--optimizer: expected one of ${NAMES.join(", ")}, got ${JSON.stringify(name)}${hint}`);
}

/** The hyperparameters that were given; one that the optimizer does not have is refused, not ignored. */
function hyperOf({ rule }: AnyFactory, given: Record<string, string | undefined>): Record<string, number> {
  const hyper: Record<string, number> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const option = flagOf(name);
    if (!(name in rule.hyper)) {
      const known = Object.keys(rule.hyper).join(", ");
      throw new UsageError(`${option}: expected an optimizer that has it, got ${rule.name}, which has ${known}`);
    }
    hyper[name] = numberOption(option, value);
  }
  try {
    rule.check({ ...rule.hyper, ...hyper });
  } catch (error) {
    throw new UsageError((error as Error).message.replace(/^\w+(?=:)/, flagOf));
  }
  return hyper;
}

/** weightDecay as it is typed: --weight-decay. */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;

function widths(list: string): number[] {
  if (list === "none") return [];
  return list.split(",").map((width) => wholeOption("--hidden", width.trim()));
}
