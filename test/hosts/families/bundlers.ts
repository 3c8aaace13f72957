/** Bundlers, at their defaults: a page and a worker as they make them, in Chromium. */
import { ISOLATED, serve, visit, withServer } from "../support/pages.js";
import { recipe } from "../support/recipes.js";
import { type Host, type Outcome, outcomeOf, type Packages, type Row } from "../support/row.js";
import { html, page, worker, workerPage } from "../support/sources.js";

/** Serves what a bundler made, opens it, and counts the scripts that the page asked for. */
async function look({ folder }: Host, path: string, headers = {}): Promise<Outcome> {
  const site = await serve(`${folder}/${path}`, headers);
  const found = await visit("chromium", `${site.origin}/`);
  return { ...found, bytes: site.bytes() };
}

const sources = (script = "./page.js") => ({
  "index.html": html(script),
  "page.js": page(),
  "worker.js": worker(),
});

/** A bundler that is told in a script what to make of page.js: out/page.js. */
const scripted = (name: string, packages: Packages, build: string, more: Partial<Row> = {}): Row => ({
  name,
  packages,
  async run(host) {
    host.write({ ...sources(), "build.mjs": build, "out/index.html": html("page.js") });
    await host.exec(process.execPath, ["build.mjs"]);
    return look(host, "out");
  },
  ...more,
});

/** The same with a page that starts a worker. */
const scriptedWorker = (name: string, packages: Packages, build: string): Row =>
  scripted(name, packages, build, {
    async run(host) {
      host.write({ ...sources(), "page.js": workerPage, "build.mjs": build, "out/index.html": html("page.js") });
      await host.exec(process.execPath, ["build.mjs"]);
      return look(host, "out");
    },
  });

function vite(version: string, always: boolean): Row[] {
  const packages = { vite: version };
  const command = (host: Host) => host.installed("vite/bin/vite.js");
  const dev = (host: Host, more = "") =>
    withServer(
      {
        folder: host.folder,
        command: process.execPath,
        args: (port) => [command(host), "--host", "127.0.0.1", "--strictPort", "--port", String(port)],
      },
      (origin) => visit("chromium", `${origin}/${more}`),
    );
  const built = async (host: Host, headers = {}) => {
    await host.exec(process.execPath, [command(host), "build"]);
    return look(host, "dist", headers);
  };
  return [
    {
      name: `Vite ${version}, dev server`,
      packages,
      always,
      run(host) {
        host.write(sources());
        return dev(host);
      },
    },
    {
      name: `Vite ${version}, build`,
      packages,
      always,
      run(host) {
        host.write(sources());
        return built(host);
      },
    },
    {
      name: `Vite ${version}, dev server, worker`,
      packages,
      run(host) {
        host.write({ ...sources(), "page.js": workerPage });
        return dev(host);
      },
    },
    {
      name: `Vite ${version}, build, worker`,
      packages,
      configuration: "`worker.format`",
      always,
      run(host) {
        host.write({ ...sources(), "page.js": workerPage, ...recipe("Vite") });
        return built(host);
      },
    },
    {
      name: `Vite ${version}, dev server, isolated, two threads`,
      packages,
      configuration: "COOP, COEP",
      expected: { threads: 2 },
      run(host) {
        host.write({ ...sources(), "page.js": page("{ threads: 2 }"), ...recipe("Vite") });
        return dev(host);
      },
    },
    {
      name: `Vite ${version}, build, isolated, two threads`,
      packages,
      configuration: "COOP, COEP",
      expected: { threads: 2 },
      run(host) {
        host.write({ ...sources(), "page.js": page("{ threads: 2 }"), ...recipe("Vite") });
        return built(host, ISOLATED);
      },
    },
  ];
}

const ESBUILD = { esbuild: "0.28.2" };
const esbuild = (options: string): string => `import { build } from "esbuild";
await build({ entryPoints: ["page.js"], outdir: "out", bundle: true, minify: true, ${options} });
`;
const pack = (name: string, from: string): string => `import ${name} from "${from}";
const compiler = ${name}({
  mode: "production",
  context: import.meta.dirname ?? process.cwd(),
  entry: "./page.js",
  output: { path: process.cwd() + "/out", filename: "page.js", publicPath: "auto" },
});
const stats = await new Promise((resolve, reject) => compiler.run((error, made) => (error ? reject(error) : resolve(made))));
if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString("errors-warnings"));
`;
const WEBPACK = { webpack: "5.113.0" };
const RSPACK = { "@rspack/core": "2.3.4" };
const rspack = pack("rspack", "@rspack/core").replace("import rspack", "import { rspack }");

export const bundlers: Row[] = [
  ...vite("8.4.0", true),
  ...vite("7.3.8", false),
  scripted("webpack 5.113.0", WEBPACK, pack("webpack", "webpack")),
  scriptedWorker("webpack 5.113.0, worker", WEBPACK, pack("webpack", "webpack")),
  scripted("Rspack 2.3.4", RSPACK, rspack),
  scriptedWorker("Rspack 2.3.4, worker", RSPACK, rspack),
  scripted("esbuild 0.28.2, split", ESBUILD, esbuild('format: "esm", splitting: true'), { always: true }),
  scripted("esbuild 0.28.2, one file", ESBUILD, esbuild('format: "iife"'), { always: true }),
  {
    name: "esbuild 0.28.2, for Node",
    packages: ESBUILD,
    async run(host) {
      host.write({
        "page.js": 'import { train } from "./training.js";\nconsole.log("OUTCOME " + JSON.stringify(await train()));\n',
        "build.mjs": esbuild('format: "esm", platform: "node", outExtension: { ".js": ".mjs" }'),
      });
      await host.exec(process.execPath, ["build.mjs"]);
      return outcomeOf(await host.exec(process.execPath, ["out/page.mjs"]));
    },
  },
  scripted(
    "Rollup 4.68.8",
    { rollup: "4.68.8", "@rollup/plugin-node-resolve": "16.0.3", "@rollup/plugin-terser": "1.0.0" },
    `import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";
const onwarn = ({ message }) => { throw new Error(message.split("\\n")[0]); };
const bundle = await rollup({ input: "page.js", plugins: [resolve({ browser: true }), terser()], onwarn });
await bundle.write({ dir: "out", format: "es" });
`,
    { configuration: "node-resolve" },
  ),
  ...["page", "worker"].map(
    (kind): Row => ({
      name: `Parcel 2.16.4${kind === "worker" ? ", worker" : ""}`,
      packages: { parcel: "2.16.4" },
      async run(host) {
        host.write({ ...sources(), ...(kind === "worker" && { "page.js": workerPage }) });
        const bin = host.installed("parcel/lib/bin.js");
        const args = [bin, "build", "index.html", "--no-cache", "--dist-dir", "out", "--public-url", "./"];
        await host.exec(process.execPath, args);
        return look(host, "out");
      },
    }),
  ),
  {
    name: "browserify 17.0.1",
    packages: { browserify: "17.0.1" },
    async run(host) {
      const script = page().replace(/^import \{ train \} from .*;/, 'const { train } = require("./training.cjs");');
      host.write({ "page.cjs": script, "out/index.html": html("page.js", "") });
      await host.exec(process.execPath, [host.installed("browserify/bin/cmd.js"), "page.cjs", "-o", "out/page.js"]);
      return look(host, "out");
    },
  },
];
