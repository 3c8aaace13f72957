/** Serves the built arena on this machine: files of one folder, with the headers that let a page have threads. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize, sep } from "node:path";

export interface ServerOptions {
  /** Folder of the files. */
  folder: string;
  /** 0 for any free one. */
  port: number;
  /** The path below which the files are, "/" or "/some/where/". Default "/". */
  base?: string;
  /** Whether the page may compile WebAssembly, and have threads. Default true. */
  wasm?: boolean;
  isolated?: boolean;
}

export interface Serving {
  readonly url: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".csv": "text/csv; charset=utf-8",
  ".wasm": "application/wasm",
};
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** Starts the server; rejects where the port cannot be had. Listens on the loopback address alone. */
export async function serveFolder(options: ServerOptions): Promise<Serving> {
  const { folder, port, base = "/", wasm = true, isolated = true } = options;
  const policy = [
    "default-src 'self'; style-src 'self'",
    ...(wasm ? ["script-src 'self' 'wasm-unsafe-eval'"] : []),
    ...(isolated ? ["worker-src 'self' blob:"] : []), // threads start from a blob
  ].join("; ");
  const headers = {
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
    ...(isolated && ISOLATED),
  };
  const server = createServer(async (request, response) => {
    const send = (status: number, type: string, body: string | Uint8Array): void => {
      response.writeHead(status, { ...headers, "content-type": type }).end(request.method === "HEAD" ? "" : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return send(405, "text/plain", "GET and HEAD alone\n");
    const file = fileOf(request.url ?? "/", folder, base);
    if (file === undefined) return send(404, "text/plain", "not found\n");
    try {
      send(200, TYPES[extname(file)] ?? "application/octet-stream", await readFile(file));
    } catch {
      send(404, "text/plain", "not found\n");
    }
  });
  await listening(server, port);
  const address = server.address() as { port: number };
  return {
    url: `http://localhost:${address.port}${base}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The file that an address names; undefined for one outside the folder. */
function fileOf(url: string, folder: string, base: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url, "http://host").pathname);
  } catch {
    return undefined;
  }
  if (!path.startsWith(base) || path.includes("\0")) return undefined;
  const inside = path.slice(base.length) || "index.html";
  const file = normalize(join(folder, inside.endsWith("/") ? `${inside}index.html` : inside));
  return file.startsWith(normalize(`${folder}${sep}`)) ? file : undefined;
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "localhost", () => {
      server.off("error", reject);
      resolve();
    });
  });
