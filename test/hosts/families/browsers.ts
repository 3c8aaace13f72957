/** Chromium, Firefox and WebKit: pages, workers of each kind, and what policies and addresses leave of them. */
import { pathToFileURL } from "node:url";
import { type BrowserName, ISOLATED, serve, visit } from "../support/pages.js";
import { recipe } from "../support/recipes.js";
import type { Host, Outcome, Row } from "../support/row.js";
import { ERRORS, html, page, tellScript, worker, workerPage } from "../support/sources.js";

/** Bundles as pages with modules load them; and as one script, for where there is no import(). */
const BUNDLE = `import { build } from "esbuild";
const all = { bundle: true, minify: true, outdir: "out" };
await build({ ...all, entryPoints: ["page.js", "worker.js"], format: "esm", splitting: true });
await build({ ...all, entryPoints: ["script.js"], format: "iife" });
`;

interface Kind {
  name: string;
  headers?: Record<string, string>;
  configuration?: string;
  /** The page; trains by itself if missing. */
  page?: string;
  /** The one script, by which worklets and service workers train. */
  script?: string;
  expected?: Row["expected"];
  /** Opened from the disk, without a server. */
  file?: boolean;
}

const THREADS = "{ threads: 2 }";
const SERVED = `const messages = (target) => new Promise((resolve) => target.addEventListener("message", ({ data }) => resolve(data)));\n`;
const csp = (policy: string) => ({ "content-security-policy": policy });

const kinds = (): Kind[] => [
  { name: "page" },
  { name: "module worker", page: workerPage },
  {
    name: "page, isolated, two threads",
    headers: ISOLATED,
    configuration: "COOP, COEP",
    page: page(THREADS),
    expected: { threads: 2 },
  },
  {
    name: "page, not isolated, two threads asked for",
    page: page(THREADS),
    expected: { reason: /one thread: the page is not cross-origin isolated/ },
  },
  {
    name: "CSP without `wasm-unsafe-eval`",
    headers: csp("script-src 'self'"),
    expected: { backend: "js", reason: /the strict build failed: .*(Content Security Policy|blocked by CSP)/i },
  },
  {
    name: "CSP with `wasm-unsafe-eval`, isolated, two threads",
    headers: { ...ISOLATED, ...headersOf(recipe("Content Security Policy")["headers.txt"]) },
    configuration: "CSP, COOP, COEP",
    page: page(THREADS),
    expected: { threads: 2 },
  },
  {
    name: "CSP with Trusted Types, isolated, two threads",
    headers: { ...ISOLATED, ...headersOf(recipe("Content Security Policy")["trusted-types.txt"]) },
    configuration: "CSP, COOP, COEP",
    page: page(THREADS),
    expected: { threads: 2 },
  },
  {
    name: "AudioWorklet",
    configuration: "one file",
    page: `${tellScript}${SERVED}const context = new OfflineAudioContext(1, 44100, 44100);
await context.audioWorklet.addModule("script.js");
const node = new AudioWorkletNode(context, "trainer");
node.connect(context.destination);
const answer = new Promise((resolve) => (node.port.onmessage = ({ data }) => resolve(data)));
context.startRendering();
answer.then(tell, fail);
`,
    script: `import { train } from "./training.js";
registerProcessor("trainer", class extends AudioWorkletProcessor {
  constructor() {
    super();
    train().then((found) => this.port.postMessage(found), (error) => this.port.postMessage({ error: error + " " + error?.stack }));
  }
  process() { return true; }
});
`,
  },
  {
    name: "shared worker",
    page: `${tellScript}${SERVED}const { port } = new SharedWorker("script.js");
port.start();
messages(port).then(tell, fail);
`,
    script: `import { train } from "./training.js";
onconnect = ({ ports: [port] }) =>
  train().then((found) => port.postMessage(found), (error) => port.postMessage({ error: error + " " + error?.stack }));
`,
  },
  {
    name: "service worker",
    configuration: "one file",
    page: `${tellScript}${SERVED}await navigator.serviceWorker.register("script.js");
const { active } = await navigator.serviceWorker.ready;
messages(navigator.serviceWorker).then(tell, fail);
navigator.serviceWorker.startMessages();
active.postMessage("train");
`,
    script: `import { train } from "./training.js";
addEventListener("message", (event) => event.waitUntil(
  train().then((found) => event.source.postMessage(found), (error) => event.source.postMessage({ error: error + " " + error?.stack })),
));
`,
  },
  { name: "page from `file:`", configuration: "one file", file: true, script: page() },
];

/** "Name: value" lines. */
function headersOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name, value]) => [name.toLowerCase(), value]),
  );
}

async function openKind(host: Host, browser: BrowserName, kind: Kind): Promise<Outcome> {
  host.write({
    "page.js": kind.page ?? page(),
    "worker.js": worker(),
    "script.js": kind.script ?? page(),
    "build.mjs": BUNDLE,
    "out/errors.js": ERRORS,
    "out/index.html": html("page.js", "module", '<script src="errors.js"></script>'),
    "out/file.html": html("script.js", ""),
  });
  await host.exec(process.execPath, ["build.mjs"]);
  if (kind.file) return visit(browser, pathToFileURL(`${host.folder}/out/file.html`).href);
  const site = await serve(`${host.folder}/out`, kind.headers);
  return visit(browser, `${site.origin}/`);
}

const NAMES: Record<BrowserName, string> = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };
/** What `npm test` runs, in Chromium and Firefox. */
const ALWAYS = /^(page|module worker|page, isolated, two threads|CSP without `wasm-unsafe-eval`)$/;
/** Of an isolated page WebKitGTK says `crossOriginIsolated`, and posts no shared memory: "The object can not be cloned." */
const NO_SHARED_MEMORY = { reason: /one thread: the host has no shared memory/ };
const family = (browser: BrowserName): Row[] =>
  kinds().map((kind) => ({
    name: `${NAMES[browser]}, ${kind.name}`,
    packages: { esbuild: "0.28.2" },
    always: browser !== "webkit" && ALWAYS.test(kind.name),
    ...(kind.configuration && { configuration: kind.configuration }),
    ...(kind.expected && {
      expected: browser === "webkit" && kind.expected.threads === 2 ? NO_SHARED_MEMORY : kind.expected,
    }),
    run: (host) => openKind(host, browser, kind),
  }));

export const browsers: Row[] = [...family("chromium"), ...family("firefox"), ...family("webkit")];
