/** Stations of the arena in a Firefox that is installed, which Playwright does not drive: the page goes through them by itself. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Opened, open } from "../../bench/browser/browsers.js";
import { serveFolder } from "../../src/cli/arenaServer.js";
import { debian } from "../hosts/support/install.js";
import { arenaFolder } from "./arena.js";

export interface Stop {
  hash: string;
  /** The words on a button that is pressed, and what is waited for then. */
  press?: string;
  until?: string;
  /** Whether it waits for numbers to take along. */
  rows: boolean;
}

export interface Visited {
  hash: string;
  errors: string[];
  /** Lines of the CSV below its head. */
  rows: string[];
  /** The texts of the first command, of the figures, of the foot and of the whole page. */
  command: string;
  stage: string;
  foot: string;
  page: string;
}

export interface Toured {
  version: string;
  /** What the page calls crossOriginIsolated. */
  isolated: boolean;
  found: Visited[];
}

/** Milliseconds; seven seconds on an idle machine, eighty beside two dozen busy processes on two cores. */
const LIMIT = 240_000;
const TOUR = readFileSync(new URL("./arenaTour.mjs", import.meta.url));

/** The stops in one Firefox and one page. The arena's own server answers, with its own headers, but for the script of the tour. */
export async function toured(stops: readonly Stop[]): Promise<Toured> {
  const arena = await serveFolder({ folder: arenaFolder(), port: 0 });
  let report: (body: string) => void = () => {};
  const told = new Promise<string>((resolve) => {
    report = resolve;
  });
  const server = createServer(async ({ url = "/", method }, response) => {
    const own = await fetch(new URL(url.replace("/tour/tour.js", "/"), arena.url));
    const headers = Object.fromEntries(own.headers);
    for (const name of ["content-length", "transfer-encoding", "connection"]) delete headers[name];
    const send = (type: string, body: string | Uint8Array) =>
      response.writeHead(200, { ...headers, "content-type": type }).end(body);
    if (method === "POST") {
      report(await text(response.req));
      send("text/plain", "");
    } else if (url === "/tour/tour.js") send("text/javascript", TOUR);
    else if (url === "/tour/stops") send("application/json", JSON.stringify(stops));
    else if (url === "/") {
      const page = (await own.text()).replace("<head>", '<head><script type="module" src="./tour/tour.js"></script>');
      send("text/html; charset=utf-8", page);
    } else response.writeHead(own.status, headers).end(new Uint8Array(await own.arrayBuffer()));
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const address = `http://localhost:${(server.address() as AddressInfo).port}/`;
  let browser: Opened | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the page in Firefox reports nothing in ${LIMIT / 1000} s`)), LIMIT);
  });
  try {
    browser = await open("firefox", address).catch(async () => {
      await debian("firefox-esr", "/usr/bin/firefox-esr");
      return open("firefox", address);
    });
    return { version: browser.version, ...JSON.parse(await Promise.race([told, browser.gone, silence])) };
  } finally {
    clearTimeout(timer);
    await browser?.close();
    server.closeAllConnections();
    server.close();
    await arena.close();
  }
}
