/** The built package and a page, bundled as a user would and served on this machine alone. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { built } from "./built.js";

export interface Site {
  /** "http://127.0.0.1:port" */
  origin: string;
  /** The paths asked for since the last look. */
  asked(): string[];
  /** The chunk that carries a build of the kernels. */
  chunkOf(variant: string): string;
  close(): Promise<void>;
}

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>thalweg</title><script type="module" src="/page.js"></script>';
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const TRUSTED = "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; require-trusted-types-for 'script'";
/** The pages, all of which run page.js, by the headers that they come with. */
const PAGES: Record<string, Record<string, string>> = {
  "/plain": {},
  // Without 'wasm-unsafe-eval' a browser refuses to compile WebAssembly from bytes.
  "/policy": { "content-security-policy": "script-src 'self'" },
  "/isolated": ISOLATED,
  "/isolated-policy": { ...ISOLATED, "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" },
  "/trusted": { ...ISOLATED, "content-security-policy": `${TRUSTED}; trusted-types thalweg` },
  "/trusted-others": { ...ISOLATED, "content-security-policy": `${TRUSTED}; trusted-types other` },
};

/** Serves the pages, their chunks and the raw binaries. */
export async function serve(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "thalweg-site-"));
  const index = fileURLToPath(built("index.js"));
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL("../browser/page.ts", import.meta.url))],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    metafile: true,
    logLevel: "error",
    plugins: [
      {
        name: "built package",
        setup: ({ onResolve }) => onResolve({ filter: /\/src\/index\.js$/ }, () => ({ path: index })),
      },
    ],
  });
  const chunks = Object.entries(metafile.outputs).map(([path, { inputs }]) => ({ path, inputs: Object.keys(inputs) }));
  let asked: string[] = [];
  const server = createServer(async ({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://host");
    asked.push(pathname);
    const headers = PAGES[pathname];
    if (headers) {
      response.writeHead(200, { "content-type": "text/html", ...headers }).end(PAGE);
      return;
    }
    const wasm = pathname.endsWith(".wasm");
    try {
      const body = await readFile(wasm ? built(`wasm/${basename(pathname)}`) : join(folder, basename(pathname)));
      const type = wasm ? "application/wasm" : "text/javascript";
      response.writeHead(200, { "content-type": type, ...ISOLATED }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked() {
      const paths = asked;
      asked = [];
      return paths;
    },
    chunkOf(variant) {
      const found = chunks.filter(({ inputs }) => inputs.some((input) => input.endsWith(`binaries/${variant}.js`)));
      if (found.length !== 1) throw new Error(`expected one chunk with the ${variant} build, found ${found.length}`);
      return `/${basename(found[0].path)}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
