/** Serves the page of the benches, bundled, and what it needs made, on this machine alone. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { binary, costs } from "../workshop.js";

const PAGE = `<!doctype html>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>thalweg: benches</title>
<p id="state">Measuring; this takes minutes. Leave the page in front.</p>
<script type="module" src="/page.js"></script>`;

// Isolated from other origins, a page has a clock of 5 µs instead of 100, and shared memory.
const HEADERS = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export async function serve(): Promise<{ origin: string; close(): Promise<void> }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
    outdir: "out",
    bundle: true,
    splitting: true,
    format: "esm",
    write: false,
    logLevel: "error",
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
  const server = createServer(async ({ url = "/" }, response) => {
    const [first, kind, name] = new URL(url, "http://host").pathname.slice(1).split("/");
    const file = outputFiles.find(({ path }) => basename(path) === first);
    const send = (type: string, body: string | Uint8Array, status = 200) =>
      response.writeHead(status, { ...HEADERS, "content-type": type }).end(body);
    try {
      if (first === "") send("text/html", PAGE);
      else if (file) send("text/javascript", file.contents);
      else if (kind === "binary") send("application/wasm", await binary(name));
      else if (kind === "costs") send("application/json", JSON.stringify(await costs(name)));
      else send("text/plain", "not found", 404);
    } catch (error) {
      send("text/plain", String(error), 500);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
