/** The recipes of docs/embedding.md that are programs: a page takes each one's files as they stand there, and tries them. */
import { copyFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type BrowserName, serve, visit } from "../support/pages.js";
import { recipe } from "../support/recipes.js";
import type { Host, Outcome, Row } from "../support/row.js";
import { ERRORS, html, tellScript } from "../support/sources.js";

const IMPORT = 'import { train } from "./training.js";\n';
const DONE = "train().then(tell, fail);\n";

const WORKER = `${IMPORT}import { trainInWorker } from "./trainInWorker.js";
${tellScript}const rows = {
  x: Array.from({ length: 64 }, (_, i) => [(i % 8) - 3.5, (i % 5) - 2]),
  y: Int32Array.from({ length: 64 }, (_, i) => Number(i % 8 > 3)),
};
const cancel = new AbortController();
const epochs = [];
const onEpoch = ({ epoch }) => epochs.push(epoch) === 3 && cancel.abort();
const cancelled = await trainInWorker(rows, { epochs: 1_000_000, onEpoch, signal: cancel.signal });
if (cancelled !== undefined) throw new Error("expected a run that is cancelled to end without weights");
const losses = [];
const weights = await trainInWorker(rows, { epochs: 20, onEpoch: ({ loss }) => losses.push(loss) });
if (!(weights.byteLength > 0)) throw new Error("expected weights");
if (losses.length !== 20 || losses[19] >= losses[0]) throw new Error("expected 20 losses that fall, got " + losses);
${DONE}`;

const INDEXED_DB = `${IMPORT}import { checkpoints } from "./checkpoints.js";
import { resumable } from "./resumable.js";
${tellScript}const rows = {
  x: Array.from({ length: 64 }, (_, i) => [(i - 32) / 32]),
  y: Array.from({ length: 64 }, (_, i) => [((i * 7) % 13) / 13]),
};
const bits = (model) => String(model.parameters().map((parameter) => parameter.toArray()));
const { load, remove } = checkpoints("waves");
const whole = bits(await resumable(rows, { epochs: 40 }));
await remove();
const cancel = new AbortController();
const onEpoch = ({ epoch }) => epoch === 15 && cancel.abort();
const broken = await resumable(rows, { epochs: 40, onEpoch, signal: cancel.signal }).catch((error) => error.name);
if (broken !== "AbortError") throw new Error("expected a run that is cut short, got " + broken);
if (!((await load()).byteLength > 0)) throw new Error("expected a checkpoint");
let first;
const model = await resumable(rows, { epochs: 40, onEpoch: ({ epoch }) => (first ??= epoch) });
if (first !== 16) throw new Error("expected to go on at epoch 16, got " + first);
if (bits(model) !== whole) throw new Error("expected the bits of the run in one piece");
${DONE}`;

const OFFLINE = `${IMPORT}${tellScript}if (navigator.serviceWorker.controller) ${DONE}else {
  await navigator.serviceWorker.register("sw.js");
  await navigator.serviceWorker.ready;
  await fetch("/offline");
  location.reload();
}
`;

const WORKLET = `${IMPORT}${tellScript}const context = new OfflineAudioContext(1, 44100, 44100);
await context.audioWorklet.addModule("worklet.js");
const node = new AudioWorkletNode(context, "engine");
node.connect(context.destination);
const reason = new Promise((resolve) => (node.port.onmessage = ({ data }) => resolve(data)));
context.startRendering();
if (!/^wasm/.test(await reason)) throw new Error("expected wasm, got " + (await reason));
${DONE}`;

/** A page that takes "thalweg" from the single file, without a bundler; \`more\` are its files. */
async function unbundled(host: Host, browser: BrowserName, files: Record<string, string>): Promise<Outcome> {
  const map = '<script type="importmap">{ "imports": { "thalweg": "./standalone.js" } }</script>';
  host.write({
    "errors.js": ERRORS,
    "index.html": html("page.js", "module", `${map}\n<script src="errors.js"></script>`),
    ...files,
  });
  copyFileSync(`${host.folder}/node_modules/thalweg/dist/standalone.js`, `${host.folder}/standalone.js`);
  const site = await serve(host.folder);
  return visit(browser, `${site.origin}/`);
}

/** Trains after the recipe's own script has put its engine's reason into the title. */
const TITLED = `const title = new Promise((resolve) => setInterval(() => document.title && resolve(document.title), 10));
title.then((said) => (/^(wasm|js)/.test(said) ? train() : Promise.reject(said))).then(tell, fail);
`;

/** The page of modules, as it stands, and a module beside it that trains. */
const modules = (host: Host, browser: BrowserName): Promise<Outcome> =>
  unbundled(host, browser, {
    "page.js": `${IMPORT}${tellScript}${TITLED}`,
    "index.html": titledPage(recipe("A page without a bundler")["module.html"], '<script type="module" src="page.js">'),
  });
const titledPage = (recipe: string, ...scripts: string[]): string =>
  ["<!doctype html>", '<script src="errors.js"></script>', recipe, ...scripts.map((one) => `${one}</script>`), ""].join(
    "\n",
  );

/** The page of a script, as it stands, and a script beside it that trains. */
async function classic(host: Host, browser: BrowserName): Promise<Outcome> {
  const script = recipe("A page without a bundler")["script.html"];
  const training = host
    .read("training.js")
    .replace(/^import (\{[^}]*\}) from "thalweg";/m, "const $1 = thalweg;")
    .replace("export async", "async");
  host.write({
    "errors.js": ERRORS,
    "training.classic.js": training,
    "page.js": TITLED,
    "script.html": titledPage(script, '<script src="training.classic.js">', '<script src="page.js">'),
  });
  copyFileSync(`${host.folder}/node_modules/thalweg/dist/standalone.global.js`, `${host.folder}/standalone.global.js`);
  return visit(browser, pathToFileURL(`${host.folder}/script.html`).href);
}

const NAMES: Record<BrowserName, string> = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };
const everywhere = (name: string, run: (host: Host, browser: BrowserName) => Promise<Outcome>): Row[] =>
  (Object.keys(NAMES) as BrowserName[]).map((browser) => ({
    name: `${NAMES[browser]}, ${name}`,
    configuration: "recipe",
    run: (host) => run(host, browser),
  }));

export const recipes: Row[] = [
  ...everywhere("worker with progress and cancelling", (host, browser) =>
    unbundled(host, browser, { ...withStandalone(recipe("A worker with progress and cancelling")), "page.js": WORKER }),
  ),
  ...everywhere("checkpoints in IndexedDB", (host, browser) =>
    unbundled(host, browser, { ...recipe("Checkpoints in IndexedDB"), "page.js": INDEXED_DB }),
  ),
  ...everywhere("offline, by a service worker", (host, browser) =>
    unbundled(host, browser, { ...recipe("A page that works offline"), "page.js": OFFLINE }),
  ),
  ...everywhere("AudioWorklet, standalone", (host, browser) =>
    unbundled(host, browser, { ...recipe("An AudioWorklet, a shared worker, a service worker"), "page.js": WORKLET }),
  ),
  ...everywhere("module, standalone", modules),
  ...everywhere("script from `file:`, standalone", classic),
];

/** Import maps are of pages alone: a worker that no bundler has made names the file. */
function withStandalone(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, text.replace('"thalweg"', '"./standalone.js"')]),
  );
}
