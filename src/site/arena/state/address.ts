/** The address of a station: #STATION?v=1&field=value…, so that a link restores what was seen. */

import { shown } from "./fields.js";

/** The version of the address: a later one may rename fields, and reads this one still. */
export const ADDRESS_VERSION = "1";

export interface Address {
  readonly station: string;
  readonly pairs: ReadonlyMap<string, string>;
  /** Fields that are in it more than once: the last is the one in `pairs`. */
  readonly repeated?: readonly string[];
  /** What is wrong with the address as a whole. */
  readonly problem?: string;
}

/** Reads the part of an address after #; never throws. */
export function readAddress(hash: string): Address {
  const [station = "", ...rest] = hash.replace(/^#\/?/, "").split("?");
  const pairs = new Map<string, string>();
  const repeated: string[] = [];
  for (const [name, text] of new URLSearchParams(rest.join("?"))) {
    if (pairs.has(name)) repeated.push(name);
    pairs.set(name, text);
  }
  const version = pairs.get("v");
  pairs.delete("v");
  const read = { station, pairs, ...(repeated.length > 0 && { repeated }) };
  if (version === undefined || version === ADDRESS_VERSION) return read;
  const problem = `v: expected ${ADDRESS_VERSION}, got “${shown(version, 12)}”; the fields are read all the same`;
  return { ...read, problem };
}

export function writeAddress(station: string, pairs: readonly (readonly [string, string])[]): string {
  const fields = [["v", ADDRESS_VERSION] as const, ...pairs];
  return `#${station}?${fields.map(([name, text]) => `${name}=${encodeURIComponent(text).replaceAll("%2C", ",")}`).join("&")}`;
}

/** Parts that a lesson may leave out with ?hide=, by name. */
export const PARTS = [
  "nav",
  "controls",
  "formula",
  "notice",
  "question",
  "command",
  "ranking",
  "chart",
  "export",
] as const;
export type Part = (typeof PARTS)[number];

export interface View {
  readonly hidden: ReadonlySet<Part>;
  readonly embedded: boolean;
  readonly problem?: string;
}

/** Reads ?hide=formula,question and ?embed=1 of a page's address. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const asked = (query.get("hide") ?? "").split(",").filter(Boolean);
  const unknown = asked.filter((each) => !(PARTS as readonly string[]).includes(each));
  const hidden = new Set(asked.filter((each): each is Part => !unknown.includes(each)));
  const embedded = query.has("embed") && query.get("embed") !== "0";
  if (unknown.length === 0) return { hidden, embedded };
  return { hidden, embedded, problem: `hide: expected among ${PARTS.join(", ")}, got “${shown(unknown[0])}”` };
}
