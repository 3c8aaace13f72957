/** Finds a Chromium, or brings one: a browser test that skips where there is none tests nothing on that machine. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const run = promisify(execFile);
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge"];
const PLACES = [
  "/usr/bin",
  "/usr/local/bin",
  "/opt/google/chrome",
  "/snap/bin",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
// No calls home, and no GPU, which a server has none of.
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless browser: $THALWEG_CHROMIUM, an installed one, Playwright's own, or one that this call installs. */
export async function launchChromium(): Promise<Browser> {
  const named = process.env.THALWEG_CHROMIUM;
  if (named) return launch(named);
  const failures: string[] = [];
  const attempt = async (what: string, make: () => Promise<Browser>): Promise<Browser | undefined> => {
    try {
      return await make();
    } catch (error) {
      failures.push(`${what}: ${String(error instanceof Error ? error.message : error).split("\n")[0]}`);
      return undefined;
    }
  };
  for (const path of installed()) {
    const browser = await attempt(path, () => launch(path));
    if (browser) return browser;
  }
  const browser =
    (await attempt("Playwright's own", () => launch())) ??
    (await attempt("apt-get install chromium", viaApt)) ??
    (await attempt("playwright-core install chromium", viaPlaywright));
  if (browser) return browser;
  throw new Error(`no Chromium to test in, and none could be installed (${failures.join("; ")})`);
}

const launch = (executablePath?: string): Promise<Browser> =>
  chromium.launch({ args: FLAGS, ...(executablePath && { executablePath }) });

function installed(): string[] {
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...PLACES];
  const paths = folders.flatMap((folder) => [folder, ...NAMES.map((name) => join(folder, name))]);
  return [...new Set(paths)].filter((path) => /chrom|edge/i.test(path.split(/[\\/]/).at(-1)) && existsSync(path));
}

async function viaApt(): Promise<Browser> {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    throw new Error("needs root on a Debian-like system");
  const options = { timeout: 240_000, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  await run("apt-get", ["update"], options);
  await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], options);
  return launch("/usr/bin/chromium");
}

async function viaPlaywright(): Promise<Browser> {
  const cli = join(createRequire(import.meta.url).resolve("playwright-core/package.json"), "..", "cli.js");
  await run(process.execPath, [cli, "install", "chromium", "--only-shell"], { timeout: 240_000 });
  return launch();
}
