/** The hyperparameters of every optimizer as options: --weight-decay 0.1, --betas 0.9,0.95, --amsgrad. */
import { type Command, Option } from "commander";
import { optimizers } from "../optim/table.js";
import { flagOf, number, UsageError } from "./args.js";

type Hyper = Readonly<Record<string, unknown>>;
const hypers = Object.values(optimizers).map(({ rule }) => rule.hyper as object as Hyper);

/** All names, each with the defaults that it has. */
const NAMES = new Map<string, unknown[]>();
for (const hyper of hypers)
  for (const [name, value] of Object.entries(hyper)) NAMES.set(name, [...(NAMES.get(name) ?? []), value]);

/** Adds an option for every hyperparameter that any optimizer has; the help shows --lr alone. */
export function withHyperOptions(command: Command): Command {
  command.addOption(new Option("--lr <x>", "learning rate (default: the example's)"));
  for (const [name, defaults] of NAMES) {
    if (name === "lr") continue;
    const flag = flagOf(name);
    const flags = defaults.every((value) => typeof value === "boolean")
      ? [flag, `--no-${flag.slice(2)}`]
      : [`${flag} <x>`];
    for (const each of flags) command.addOption(new Option(each).hideHelp());
  }
  return command;
}

/** The hyperparameters among the values of a call. One that the optimizer does not have is refused. */
export function hyperOf(optimizer: string, values: Hyper): Record<string, unknown> {
  const { rule } = optimizers[optimizer as keyof typeof optimizers];
  const own = rule.hyper as object as Hyper;
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || !NAMES.has(name)) continue;
    const flag = flagOf(name);
    if (!(name in own)) {
      const known = Object.keys(own).map(flagOf).join(", ");
      throw new UsageError(`${flag}: expected an optimizer that has it, got ${optimizer}, which has ${known}`);
    }
    given[name] = typeof value === "string" ? read(flag, value, own[name]) : value;
  }
  return given;
}

/** A value as its default is: numbers, lists of them, or a word. */
function read(flag: string, text: string, like: unknown): unknown {
  if (text === "null") return null;
  if (Array.isArray(like)) return text.split(",").map((each) => (each === "null" ? null : number(flag, each)));
  return typeof like === "string" ? text : number(flag, text);
}
