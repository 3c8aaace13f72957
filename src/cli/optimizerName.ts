import { quoted } from "../check.js";
import { optimizers } from "../optim/table.js";
import { OPTIMIZERS, whyNot } from "../tabular/optimizer.js";
import { hint, spelt, UsageError } from "./args.js";
import { program } from "./program.js";

/** Reads --optimizer: a name of the table, in capitals or not. */
export function optimizerName(name: string, text: string): string {
  const found = spelt(text, OPTIMIZERS);
  if (found !== undefined) return found;
  const other = spelt(text, Object.keys(optimizers));
  if (other !== undefined) throw new UsageError(`${name}: ${whyNot(other)}`);
  const near = hint(text, OPTIMIZERS) || `; ${program()} optimizers lists them`;
  throw new UsageError(`${name}: expected an optimizer, got ${quoted(text)}${near}`);
}
