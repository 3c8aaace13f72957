/** Which optimizers of THE TABLE can run on a point of a surface, and what they are called. */
import { optimizers } from "../../../optim/table.js";

interface AnyRule {
  readonly name: string;
  readonly hyper: Readonly<Record<string, unknown>>;
  readonly paper: string;
  readonly checkShape?: unknown;
  slots(h: object, shape: readonly number[]): Record<string, unknown>;
}

const rules = Object.fromEntries(
  Object.entries(optimizers).map(([name, factory]) => [name, (factory as unknown as { rule: AnyRule }).rule]),
);

export const ruleOf = (name: string): AnyRule => rules[name];

/** Those that a race takes: they have a rate, step by gradients alone, and take a point. */
export const RUNNERS: readonly string[] = Object.keys(rules).filter((name) => {
  const { hyper, checkShape, slots } = rules[name];
  return "lr" in hyper && checkShape === undefined && !("hessian" in slots.call(rules[name], hyper, [2]));
});
