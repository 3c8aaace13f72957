/**
 * What `thalweg explain` says of what is not in THE TABLE, from the docstrings: schedules, and the optimizers that are made
 * from a model.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Explanation } from "../cli/explanations.js";
import { kfac } from "../optim/kfac.js";
import { muonWith } from "../optim/muonWith.js";
import * as schedules from "../schedule/index.js";

const folder = new URL("../schedule/", import.meta.url);
/** Schedules as functions of the step; the others are tools for them. */
const NOT_SCHEDULES = ["join", "overRun", "points", "product"];

export function explanations(): Explanation[] {
  const names = Object.keys(schedules).filter((name) => !NOT_SCHEDULES.includes(name));
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"));
  const models = [kfac, muonWith].map(({ name }) => {
    const source = readFileSync(new URL(`../optim/${name}.ts`, import.meta.url), "utf8");
    return explanation("optimizer", name, [source]);
  });
  return [...models, ...names.map((name) => explanation("schedule", name, sources))];
}

function explanation(kind: Explanation["kind"], name: string, sources: readonly string[]): Explanation {
  const declared = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*\\nexport (?:function|class|const) ${name}\\b`);
  const comment = sources.map((source) => source.match(declared)?.[1]).find(Boolean);
  if (comment === undefined) throw new Error(`expected a docstring of ${name}, got none`);
  const [text, ...tags] = comment
    .replace(/^ *\* ?/gm, "")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .trim()
    .split(/\n@/);
  const example = tags.find((tag) => tag.startsWith("example\n"))?.slice("example\n".length);
  if (example === undefined) throw new Error(`expected an @example of ${name}, got none`);
  return { kind, name, text: text.trim(), example };
}
