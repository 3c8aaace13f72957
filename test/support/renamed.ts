import type { Hyper } from "./options.js";

export function camel(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A reference's hyperparameters in camelCase, or under the names given for them. */
export function named(given: Hyper, names: Record<string, string> = {}): Hyper {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [names[key] ?? camel(key), value]));
}
