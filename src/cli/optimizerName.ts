import { quoted } from "../check.js";
import { optimizers } from "../optim/table.js";
import { OPTIMIZERS, whyNot } from "../tabular/optimizer.js";
import { hint, spelt, UsageError } from "./args.js";
import { program } from "./program.js";

/** Optimizers of the library that are not in the table, with what to know instead. */
const OUTSIDE: Readonly<Record<string, string>> = {
  kfac: "an optimizer of the table, got kfac, which is made of a model: in a program, kfac(model)",
  muonWith:
    "an optimizer of the table, got muonWith, which is muon, and adamw for what is no matrix; --optimizer muon does that",
};

/** What is expected in place of an optimizer that is not in the table; undefined for a name of none. */
export function outside(text: string): string | undefined {
  const found = spelt(text, Object.keys(OUTSIDE));
  return found === undefined ? undefined : OUTSIDE[found];
}

/** Reads --optimizer: a name of the table, in capitals or not. */
export function optimizerName(name: string, text: string): string {
  const found = spelt(text, OPTIMIZERS);
  if (found !== undefined) return found;
  const other = spelt(text, Object.keys(optimizers));
  if (other !== undefined) throw new UsageError(`${name}: ${whyNot(other)}`);
  const known = outside(text);
  if (known !== undefined) throw new UsageError(`${name}: expected ${known}`);
  const near = hint(text, OPTIMIZERS) || `; ${program()} optimizers lists them`;
  throw new UsageError(`${name}: expected an optimizer, got ${quoted(text)}${near}`);
}
