/** Opens a page in a headless browser that is installed here. What the page finds, it tells its server. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { launchChromium } from "../../test/support/chromium.js";

export const BROWSERS = ["chromium", "firefox"] as const;
export type BrowserName = (typeof BROWSERS)[number];

export interface Opened {
  /** "Firefox 128.0" */
  version: string;
  /** Rejects when the browser ends by itself. */
  gone: Promise<never>;
  close(): Promise<void>;
}

export const open = (name: BrowserName, address: string): Promise<Opened> =>
  name === "chromium" ? openChromium(address) : openFirefox(address);

async function openChromium(address: string): Promise<Opened> {
  const browser = await launchChromium();
  const page = await browser.newPage();
  const gone = new Promise<never>((_, reject) => {
    page.on("crash", () => reject(new Error("the page crashed in Chromium")));
    browser.on("disconnected", () => reject(new Error("Chromium ended before the page was done")));
  });
  gone.catch(() => {}); // closed on purpose, it is waited for by nobody
  await page.goto(address);
  return { version: `Chromium ${browser.version()}`, gone, close: () => browser.close() };
}

const FIREFOXES = ["firefox", "firefox-esr", "firefox.exe"];
const FIREFOX_PLACES = [
  "/usr/bin",
  "/snap/bin",
  "/Applications/Firefox.app/Contents/MacOS",
  "C:\\Program Files\\Mozilla Firefox",
];

// A run of minutes is no hung script, and nothing but the page runs: no first pages, updates or calls home.
const PREFERENCES = {
  "dom.max_script_run_time": 0,
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "app.normandy.enabled": false,
  "app.update.auto": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
};

/** Started as anyone would: Playwright drives only a Firefox of its own build. */
async function openFirefox(address: string): Promise<Opened> {
  const path = firefox();
  const version = execFileSync(path, ["--version"], { encoding: "utf8" }).match(/Firefox [\w.]+/)?.[0] ?? "Firefox";
  const profile = await mkdtemp(join(tmpdir(), "thalweg-firefox-"));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const child = spawn(path, ["--headless", "--no-remote", "--profile", profile, address], { stdio: "ignore" });
  const kill = () => void child.kill();
  process.on("exit", kill);
  const gone = new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => reject(new Error(`Firefox ended before the page was done (${code ?? signal})`)));
  });
  gone.catch(() => {});
  return {
    version,
    gone,
    async close() {
      process.off("exit", kill);
      kill();
      await ended(child);
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** $THALWEG_FIREFOX, or one that is installed. */
function firefox(): string {
  const named = process.env.THALWEG_FIREFOX;
  if (named) return named;
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...FIREFOX_PLACES];
  const found = folders
    .flatMap((folder) => FIREFOXES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found) return found;
  throw new Error("no Firefox found: install one (apt-get install firefox-esr), or name it in THALWEG_FIREFOX");
}

const ended = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", resolve));
