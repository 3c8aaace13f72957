/**
 * Other libraries for the tests of adapters. They are too large for everyone's `npm install` (TensorFlow.js has 95 MB), so
 * the first test that wants them installs them beside the project's own packages, which takes 5 s, and keeps them there.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = join(root, "node_modules/.cache");
/** Milliseconds that an install may take. */
export const PATIENCE = 300_000;

const shared = JSON.parse(readFileSync(join(root, "bench/peers/package.json"), "utf8")).dependencies;
const versionOf = (name: string): [string, string] => [name, shared[name]];
/** Libraries that install together, by a name. Versions are those of the benches, where they have them. */
const SETS = {
  tfjs: Object.fromEntries(
    ["core", "backend-cpu", "backend-wasm", "layers"].map((part) => versionOf(`@tensorflow/tfjs-${part}`)),
  ),
  jax: Object.fromEntries([versionOf("@jax-js/jax")]),
  onnx: Object.fromEntries([versionOf("onnxruntime-web")]),
  ndarray: { ndarray: "^1.0.19" },
} satisfies Record<string, Record<string, string>>;

/** The folder of a set, installed. Two that install at once do not meet: the first to be done is kept. */
export function installed(set: keyof typeof SETS): string {
  const dependencies = SETS[set];
  const version = Object.values(dependencies)
    .join()
    .replace(/[^\d.]+/g, "-");
  const folder = join(cache, `peers-${set}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, "peers-"));
  writeFileSync(join(fresh, "package.json"), JSON.stringify({ private: true, dependencies }));
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: fresh,
    timeout: PATIENCE,
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** `require` for the packages of a set. */
export const requireOf = (set: keyof typeof SETS): NodeJS.Require =>
  createRequire(join(installed(set), "package.json"));
