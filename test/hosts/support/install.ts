/** Installs hosts and the packed library outside the repository, where nothing of it resolves by chance. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ExecOptions, Host, Packages, Row } from "./row.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Installed hosts stay here from run to run, for every Node; what a run makes beside them goes with it. */
const cache = process.env.THALWEG_HOSTS ?? join(tmpdir(), "thalweg-hosts");

export async function run(
  cwd: string,
  command: string,
  args: string[],
  { env = {}, timeout = 180_000 }: ExecOptions = {},
): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, {
      cwd,
      timeout,
      killSignal: "SIGKILL",
      maxBuffer: 1 << 26,
      env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", CI: "1", ...env },
    });
    return `${stdout}\n${stderr}`;
  } catch (error) {
    const { stdout = "", stderr = "", killed, code } = error as Record<string, unknown>;
    const said = `${stdout}\n${stderr}`.trim();
    const short = said.length < 6000 ? said : `${said.slice(0, 3000)}\n…\n${said.slice(-3000)}`;
    throw new Error(`${killed ? `no end within ${timeout / 1000} s` : `exit ${code}`}: ${short}`);
  }
}

/** Two processes may install the same at once: each does so in a folder of its own, and the first to be done moves it. */
async function install(packages: Packages): Promise<string> {
  const text = JSON.stringify({ private: true, dependencies: packages }, null, 2);
  const folder = join(cache, createHash("sha256").update(text).digest("hex").slice(0, 12));
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, "package.json"), text);
  await npmInstall(fresh);
  try {
    renameSync(fresh, folder);
  } catch {
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

const npmInstall = (folder: string, ...what: string[]) =>
  run(folder, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...what], { timeout: 300_000 });

const platform = process.platform === "win32" ? "win" : process.platform;
const NODE = `node-${platform}-${process.arch}`;
/** npm's package of a Node for this machine, and where its program is. */
export const nodePackage = (version: string): Packages => ({ [NODE]: version });
export const nodeProgram = ({ installed }: Host): string =>
  installed(`${NODE}/bin/node${platform === "win" ? ".exe" : ""}`);

const installs = new Map<string, Promise<string>>();
/** The folder that has these packages: installed once, however many rows ask for them. */
function installedFolder(packages: Packages): Promise<string> {
  const key = JSON.stringify(packages);
  const folder = installs.get(key) ?? install(packages);
  installs.set(key, folder);
  return folder;
}

let library: Promise<string> | undefined;
/** The library as npm installs its tarball: a folder to be put into node_modules, with its dependencies inside. */
const packedLibrary = (): Promise<string> => (library ??= pack());
async function pack(): Promise<string> {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error('dist/ is missing: run "npm run build" first');
  const folder = runFolder("library");
  const packed = await run(root, "npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]);
  const { filename } = JSON.parse(packed.slice(packed.indexOf("[")))[0];
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  await npmInstall(folder, join(folder, filename));
  const modules = join(folder, "node_modules");
  const inside = join(modules, "thalweg/node_modules");
  mkdirSync(inside, { recursive: true });
  for (const name of readdirSync(modules))
    if (name !== "thalweg" && !name.startsWith(".")) renameSync(join(modules, name), join(inside, name));
  return join(modules, "thalweg");
}

const made = new Set<string>();
/** A folder of this process. What others that have ended left behind goes first. */
function runFolder(name: string, parent = cache): string {
  const run = join(parent, `run-${process.pid}`);
  if (!made.has(run)) {
    mkdirSync(run, { recursive: true });
    for (const left of readdirSync(parent))
      if (/^run-\d+$/.test(left) && !alive(Number(left.slice(4)))) remove(join(parent, left));
    made.add(run);
  }
  const folder = join(run, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function alive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

/** Once more if a program that was ended has not yet let go. */
export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });

/** Removes what this run made; the installed hosts stay. */
export const removeRun = (): void => made.forEach(remove);

let count = 0;
/** A project folder for a row, below the folder where its packages are installed: so both are found from it. */
export async function project({ packages = {} }: Row): Promise<Host> {
  const parent = await installedFolder(packages);
  const folder = runFolder(`row-${count++}`, parent);
  cpSync(await packedLibrary(), join(folder, "node_modules/thalweg"), { recursive: true });
  const write = (files: Record<string, string>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  const training = readFileSync(new URL("../training.mjs", import.meta.url), "utf8");
  write({
    "package.json": '{ "private": true, "type": "module", "dependencies": { "thalweg": "*" } }\n',
    "training.js": training,
    "training.cjs": asCommonJs(training),
  });
  return {
    folder,
    write,
    read: (name) => readFileSync(join(folder, name), "utf8"),
    exec: (command, args, options) => run(folder, command, args, options),
    installed: (path) => join(parent, "node_modules", path),
  };
}

/** The same as a CommonJS module. */
const asCommonJs = (source: string): string =>
  source
    .replace(/^import (\{[^}]*\}) from ("[^"]*");$/gm, "const $1 = require($2);")
    .replace("export async function train", "module.exports = { train };\nasync function train");

const apts = new Map<string, Promise<void>>();
/** Brings Debian's package where the program is missing. */
export function debian(name: string, program: string): Promise<void> {
  const task = apts.get(name) ?? (existsSync(program) ? Promise.resolve() : apt(name));
  apts.set(name, task);
  return task;
}
async function apt(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error(`${name} is missing, and to install it takes root on a Debian-like system`);
  const options = { timeout: 300_000, env: { DEBIAN_FRONTEND: "noninteractive" } };
  await run("/", "apt-get", ["update"], options);
  await run("/", "apt-get", ["install", "-y", "--no-install-recommends", name], options);
}
