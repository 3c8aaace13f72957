import { createHash } from "node:crypto";
import { rangeError, typeError } from "../check.js";
import { counterKey } from "../math/random.js";

/** Plain data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Settings by name. */
export type TrialSettings = Readonly<Record<string, Json>>;

/** One point of a sweep, as plain data: all that a machine needs besides the task's own files. */
export interface Trial {
  /** The same for the same task, number and settings: random points can have the settings of others. */
  id: string;
  /** Its number in the plan, from 0. */
  number: number;
  settings: TrialSettings;
}

/** A trial, or a part of one: up to an amount of the resource that halving shares out. */
export interface Job {
  id: string;
  trial: Trial;
  /** Where the trial ends this time, such as its epochs; undefined for the whole trial. */
  until?: number;
  /** Where it has been before: what it can resume from. */
  from?: number;
}

/** What has come of a job: numbers by name, or why there are none. */
export type Outcome = { readonly measures: Readonly<Record<string, number>> } | { readonly failed: string };

/** Levels of data: those that contain themselves have no end. */
const DEEPEST = 100;

/** The setting that a path leads into. */
const whole = (path: string): string => path.replace(/^([^.[]*\.?[^.[]*).*$/s, "$1");

/**
 * Refuses what JSON does not carry to another thread or machine: NaN and infinities, which JSON.parse makes of 1e999, dates,
 * functions.
 */
export function checkJson(name: string, value: unknown, depth = 0): void {
  if (depth > DEEPEST) throw rangeError(whole(name), `at most ${DEEPEST} levels of lists and objects`, value);
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw rangeError(name, "a finite number", value);
    return;
  }
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkJson(`${name}[${i}]`, item, depth + 1);
    return;
  }
  const prototype = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype !== null && prototype !== Object.prototype) throw typeError(name, "plain JSON data", value);
  for (const [key, item] of Object.entries(value as object)) checkJson(`${name}.${key}`, item, depth + 1);
}

/** SHA-256, in hex, of plain data, whatever the order of keys. */
export const hashOf = (data: Json | undefined): string => createHash("sha256").update(canonical(data)).digest("hex");

/** JSON with the keys of objects in order. */
export function canonical(data: Json | undefined): string {
  if (typeof data !== "object" || data === null) return JSON.stringify(data ?? null);
  if (Array.isArray(data)) return `[${data.map(canonical).join(",")}]`;
  const object = data as { readonly [key: string]: Json };
  const keys = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`).join(",")}}`;
}

/** The trial of a task with these settings. 64 bits: two of a million trials have the same id with probability 3e-8. */
export const trialOf = (task: string, number: number, settings: TrialSettings): Trial => ({
  id: hashOf({ task, number, settings }).slice(0, 16),
  number,
  settings,
});

export const jobOf = (trial: Trial, until?: number, from?: number): Job => ({
  id: until === undefined ? trial.id : `${trial.id}@${until}`,
  trial,
  ...(until !== undefined && { until }),
  ...(from !== undefined && { from }),
});

const SALTS = [0x73_77_65_65, 0x70_2d_31_31] as const;

/** A seed of 53 bits for the trial of a number. */
export function trialSeed(seed: number, number: number): number {
  const [high, low] = SALTS.map((salt) => counterKey({ seed, step: number }, 0, salt) >>> 0);
  return high * 2 ** 21 + (low >>> 11);
}
