import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { built } from "./built.js";

/** What a context has: see realm.mjs. */
export interface Realm {
  /** Globals of ECMAScript to remove. */
  remove?: string[];
  /** Globals to add, as JavaScript of the host: `{ TextDecoder, performance }`. */
  add?: string;
  /** JavaScript that the context runs before the package is imported. */
  before?: string;
  /** The entry of dist that is imported as `thalweg`. */
  entry?: string;
  /** The Node to run it in. */
  node?: string;
}

/**
 * Runs the body of a module in a context of node:vm, with the built package as `thalweg`; returns `report`, which the body
 * sets, and the modules that were loaded.
 */
export async function inRealm(
  body: string,
  { remove = [], add = "{}", before = "", entry = "index.js", node }: Realm = {},
) {
  const inside = `
    import * as thalweg from ${JSON.stringify(built(entry).href)};
    let report;
    ${body}
    export const json = JSON.stringify(report ?? null);`;
  const script = `
    const { realm } = await import(${JSON.stringify(new URL("./realm.mjs", import.meta.url).href)});
    const made = realm({ remove: ${JSON.stringify(remove)}, add: ${add}, before: ${JSON.stringify(before)} });
    const { json } = await made.run(${JSON.stringify(inside)});
    console.log(JSON.stringify({ report: JSON.parse(json), modules: made.modules() }));`;
  const flags = ["--experimental-vm-modules", "--no-warnings", "--input-type=module", "-e", script];
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const { stdout } = await promisify(execFile)(node ?? process.execPath, flags, { timeout: 60_000, cwd });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as { report: unknown; modules: string[] };
}
