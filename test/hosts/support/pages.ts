/** Serves folders on this machine alone, opens pages in browsers, and takes what they report. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createSocket } from "node:net";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { open } from "../../../bench/browser/browsers.js";
import { launchChromium } from "../../support/chromium.js";
import { debian } from "./install.js";
import type { Outcome } from "./row.js";

export type BrowserName = "chromium" | "firefox" | "webkit";

export const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export interface Site {
  origin: string;
  /** Bytes, gzipped, of the scripts that were asked for. */
  bytes(): number;
}

const servers: Server[] = [];
async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Serves the files of a folder with these headers, until /offline is asked for. */
export async function serve(folder: string, headers: Record<string, string> = {}): Promise<Site> {
  const asked = new Map<string, number>();
  let offline = false;
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://host");
    const path = decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    offline ||= path === "/offline";
    if (path === "/favicon.ico") return void response.writeHead(204).end(); // asked for by the browser, not by the page
    try {
      if (offline) throw new Error("offline");
      const body = readFileSync(join(folder, path));
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      if (type === "text/javascript") asked.set(path, gzipSync(body).length);
      response.writeHead(200, { "content-type": type, ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  const origin = await listen(server);
  return { origin, bytes: () => [...asked.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

/** Pages hand their outcome to this server, by the number that their address names. */
const waiting = new Map<string, (report: string) => void>();
let collector: Promise<string> | undefined;
const collecting = (): Promise<string> =>
  (collector ??= listen(
    createServer(async (request, response) => {
      const body = await text(request);
      response.writeHead(200, { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" });
      response.end();
      if (body !== "") waiting.get(request.url!)?.(body);
    }),
  ));

let count = 0;
/**
 * Opens a page, whose address gets `?to=` with where to report, and waits for its report. A browser that ends by itself, as it
 * may where memory runs out, is started once more.
 */
export async function visit(name: BrowserName, address: string, more = ""): Promise<Outcome> {
  try {
    return await visitOnce(name, address, more);
  } catch (error) {
    if (!ENDED.test(String(error))) throw error;
    return visitOnce(name, address, more);
  }
}

const ENDED = /page was done|has been closed/;
async function visitOnce(name: BrowserName, address: string, more: string): Promise<Outcome> {
  const path = `/${count++}`;
  const to = `${await collecting()}${path}`;
  const report = new Promise<string>((resolve) => waiting.set(path, resolve));
  const errors: string[] = [];
  const page = await opened(name, `${address}?to=${encodeURIComponent(to)}${more}`, errors);
  try {
    const silence = page.limit.then(() => {
      throw new Error(`the page reports nothing: ${errors.join("; ") || "no error either"}`);
    });
    const found = JSON.parse(await Promise.race([report, silence, page.gone]));
    if (found.error) throw new Error(found.error);
    return found;
  } finally {
    waiting.delete(path);
    await page.close();
  }
}

interface Page {
  /** When to wait no longer: a while after the first error, or after long enough for a browser to start on a busy machine. */
  limit: Promise<void>;
  gone: Promise<never>;
  close(): Promise<void>;
}
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
const LIMIT = 90_000;

let chromium: Promise<Browser> | undefined;
/** One for all rows, or another when it has ended. */
async function runningChromium(): Promise<Browser> {
  const before = chromium;
  if ((await before?.catch(() => undefined))?.isConnected()) return before!;
  if (chromium === before) chromium = launchChromium();
  return chromium!;
}

async function opened(name: BrowserName, address: string, errors: string[]): Promise<Page> {
  if (name === "webkit") return openWebKit(address);
  if (name === "firefox") {
    const { gone, close } = await open("firefox", address).catch(async () => {
      await debian("firefox-esr", "/usr/bin/firefox-esr");
      return open("firefox", address);
    });
    return { gone, close, limit: sleep(LIMIT) };
  }
  const context = await (await runningChromium()).newContext();
  const page = await context.newPage();
  const gone = new Promise<never>((_, reject) => {
    page.on("crash", () => reject(new Error("the tab crashed before the page was done")));
    context.on("close", () => reject(new Error("Chromium ended before the page was done")));
  });
  gone.catch(() => {}); // closed on purpose, it is waited for by nobody
  const failed = new Promise<void>((resolve) => {
    const add = (what: string) => {
      errors.push(what);
      sleep(20_000).then(resolve);
    };
    page.on("pageerror", (error) => add(String(error)));
    page.on("console", (message) => message.type() === "error" && add(message.text()));
    page.on("requestfailed", (request) => add(`${request.url()}: ${request.failure()?.errorText}`));
  });
  page.goto(address).catch((error) => errors.push(String(error)));
  return { gone, close: () => context.close(), limit: Promise.race([failed, sleep(LIMIT)]) };
}

const MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
async function openWebKit(address: string): Promise<Page> {
  await debian("xvfb", "/usr/bin/xvfb-run");
  await debian("webkit2gtk-driver", MINI_BROWSER);
  const child = spawn("xvfb-run", ["-a", MINI_BROWSER, "--private", address], { stdio: "ignore", detached: true });
  return {
    gone: once(child, "exit").then(([code]) => {
      throw new Error(`MiniBrowser ended before the page was done (${code})`);
    }),
    close: () => stop(child),
    limit: sleep(LIMIT),
  };
}

/** Ends a program started as the head of its own group, and all that it started. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await ended.catch(() => {});
}

/** A port that nothing listens at. */
export async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Starts a server and waits until it answers; hands its address to `use`, and ends it. */
export async function withServer<T>(
  {
    folder,
    command,
    args,
    env = {},
  }: { folder: string; command: string; args: (port: number) => string[]; env?: Record<string, string> },
  use: (origin: string) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const child = spawn(command, args(port), {
    cwd: folder,
    detached: true,
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", PORT: String(port), ...env },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  try {
    for (let i = 0; ; i++) {
      if (child.exitCode !== null || i === 900) throw new Error(`the server does not answer: ${said.slice(-2000)}`);
      const answers = await fetch(origin).then(
        (response) => response.text().then(() => true),
        () => false,
      );
      if (answers) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await use(origin);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${said.slice(-2000)}`);
  } finally {
    await stop(child);
  }
}

export async function closePages(): Promise<void> {
  await (await chromium?.catch(() => undefined))?.close();
  chromium = undefined;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  collector = undefined;
}
