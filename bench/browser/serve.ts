/** Serves a page of benches, bundled, and what it asks for, on this machine alone; and takes what the page comes to. */
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface SiteOptions {
  /** The module that the page runs: it hands its work to `report` (report.ts). */
  entry: URL;
  /** Folders whose files the page may fetch: "/name/file". */
  folders?: Record<string, URL>;
  /** Packages left out of the bundle, as esbuild's `external` names them: an import of one fails in the page. */
  external?: string[];
}

export interface Site {
  /** "http://127.0.0.1:port" */
  origin: string;
  /** What the next page to end comes to, and its user agent. Rejects when it fails. */
  outcome(): Promise<{ results: unknown; agent: string }>;
  close(): Promise<void>;
}

// An error before or outside the work of the page is told as one of the work: the server waits for either.
const PAGE = `<!doctype html>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>thalweg: benches</title>
<script>
  const fail = (error) => fetch("/failure", { method: "POST", body: String(error?.stack ?? error) });
  addEventListener("error", (event) => fail(event.error ?? event.message ?? "a script did not load"), true);
  addEventListener("unhandledrejection", (event) => fail(event.reason));
</script>
<pre id="state">Measuring; this takes minutes. Leave the page in front.</pre>
<script type="module" src="/page.js"></script>`;

// Isolated from other origins, a page has a finer clock (5 µs in Chromium, 20 in Firefox), and shared memory.
const HEADERS = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
/** With it comes the compiler, which takes seconds to load. */
const workshop = () => import("../workshop.js");
const TYPES: Record<string, string> = { wasm: "application/wasm", js: "text/javascript" };

export async function serve({ entry, folders = {}, external = [] }: SiteOptions): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: { page: fileURLToPath(entry) },
    outdir: "out",
    bundle: true,
    splitting: true,
    format: "esm",
    write: false,
    logLevel: "error",
    external,
    plugins: [
      {
        name: "the page's workshop",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\/workshop\.js$/ }, () => ({
            path: fileURLToPath(new URL("workshop.ts", import.meta.url)),
          })),
      },
    ],
  });
  const posts = new EventEmitter();

  /** What a page says. */
  async function take(path: string, request: IncomingMessage): Promise<void> {
    const said = await text(request);
    if (path === "progress") process.stderr.write(`${said}\n`);
    else if (path === "results")
      posts.emit("results", { results: JSON.parse(said), agent: request.headers["user-agent"] ?? "" });
    else if (posts.listenerCount("error") > 0) posts.emit("error", new Error(`the page failed: ${said}`));
  }

  const server = createServer(async (request, response) => {
    const [first = "", second = "", third = ""] = new URL(request.url!, "http://host").pathname.slice(1).split("/");
    const send = (type: string, body: string | Uint8Array, status = 200) =>
      response.writeHead(status, { ...HEADERS, "content-type": type }).end(body);
    const file = outputFiles.find(({ path }) => basename(path) === first);
    const folder = Object.hasOwn(folders, first) ? folders[first] : undefined;
    try {
      if (request.method === "POST") {
        await take(first, request);
        send("text/plain", "");
      } else if (first === "") send("text/html", PAGE);
      else if (file) send("text/javascript", file.contents);
      else if (folder && /^[\w.-]+$/.test(second))
        send(TYPES[second.split(".").at(-1)!] ?? "text/plain", await readFile(new URL(second, folder)));
      else if (second === "binary") send("application/wasm", await (await workshop()).binary(third));
      else if (second === "costs") send("application/json", JSON.stringify(await (await workshop()).costs(third)));
      else send("text/plain", "not found", 404);
    } catch (error) {
      send("text/plain", String(error), 500);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    outcome: async () => (await once(posts, "results"))[0],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
