/** Hosts at the edge, which forbid compiling from bytes, or have no threads, files or clock. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withServer } from "../support/pages.js";
import { recipe } from "../support/recipes.js";
import { type Host, type Outcome, outcomeOf, type Row } from "../support/row.js";

const ask = async (origin: string): Promise<Outcome> => {
  const response = await fetch(origin);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
};

const ESBUILD = { esbuild: "0.28.2" };
/** A worker for workerd, bundled; the binary stays a module of its own. */
const bundle = `import { build } from "esbuild";
await build({
  entryPoints: ["worker.js"], outfile: "out/worker.js", bundle: true, format: "esm",
  conditions: ["workerd", "worker", "browser"], loader: { ".wasm": "copy" }, assetNames: "strict",
});
`;
const CAPNP = (modules: string, port: number): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (modules = [${modules}], compatibilityDate = "2026-05-01");
`;

const workerd = (name: string, more: Partial<Row>, files: () => Record<string, string>, wasm: boolean): Row => ({
  name,
  packages: { ...ESBUILD, workerd: "1.20261117.1" },
  async run(host) {
    host.write({ ...files(), "build.mjs": bundle });
    await host.exec(process.execPath, ["build.mjs"]);
    const modules = ['(name = "worker.js", esModule = embed "out/worker.js")'];
    if (wasm) modules.push('(name = "./strict.wasm", wasm = embed "out/strict.wasm")');
    return withServer(
      {
        folder: host.folder,
        command: host.installed(".bin/workerd"),
        args: (port) => {
          host.write({ "config.capnp": CAPNP(modules.join(", "), port) });
          return ["serve", "config.capnp"];
        },
      },
      ask,
    );
  },
  ...more,
});

const plainWorker = `import { train } from "./training.js";
export default { fetch: async () => Response.json(await train()) };
`;

/** @edge-runtime/vm: a node:vm context with the globals of an edge function. */
const edgeRuntime = (host: Host, options: string): Promise<Outcome> => {
  host.write({
    "edge.js": `import { train } from "./training.js";\nglobalThis.trained = train(${options});\n`,
    "build.mjs": `import { build } from "esbuild";
await build({ entryPoints: ["edge.js"], outfile: "out/edge.js", bundle: true, format: "iife", conditions: ["edge-light", "worker", "browser"] });
`,
    "main.mjs": `import { readFileSync } from "node:fs";
import { EdgeVM } from "@edge-runtime/vm";
const vm = new EdgeVM();
vm.evaluate(readFileSync("out/edge.js", "utf8"));
console.log("OUTCOME " + JSON.stringify(await vm.evaluate("trained")));
`,
  });
  return host
    .exec(process.execPath, ["build.mjs"])
    .then(() => host.exec(process.execPath, ["main.mjs"]))
    .then(outcomeOf);
};
const EDGE = { ...ESBUILD, "@edge-runtime/vm": "5.0.0" };

export const edge: Row[] = [
  workerd(
    "workerd 1.20261117.1",
    { configuration: "`module`", expected: { reason: /the module given/ } },
    () => recipe("Cloudflare Workers"),
    true,
  ),
  workerd(
    "workerd 1.20261117.1, without a module",
    { expected: { backend: "js", reason: /Wasm code generation disallowed by embedder/ } },
    () => ({ "worker.js": plainWorker }),
    false,
  ),
  {
    name: "wrangler 4.86.0",
    packages: { wrangler: "4.86.0" },
    configuration: "`module`",
    expected: { reason: /the module given/ },
    run(host) {
      host.write(recipe("Cloudflare Workers"));
      return withServer(
        {
          folder: host.folder,
          command: process.execPath,
          args: (port) => [
            host.installed("wrangler/bin/wrangler.js"),
            ...["dev", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
          ],
          env: { WRANGLER_SEND_METRICS: "false", CI: "1", XDG_CONFIG_HOME: join(host.folder, "config") },
        },
        ask,
      );
    },
  },
  {
    name: "edge-runtime: @edge-runtime/vm 5.0.0",
    packages: EDGE,
    run: (host) => edgeRuntime(host, "{}"),
  },
  {
    name: "edge-runtime: @edge-runtime/vm 5.0.0, js",
    packages: EDGE,
    expected: { backend: "js", ms: 2000 }, // with a look-up in the context for each operation, 6 s
    run: (host) => edgeRuntime(host, '{ backend: "js", simd: undefined }'),
  },
  {
    name: "bare node:vm context, standalone",
    async run({ folder, write, exec }) {
      const training = readFileSync(join(folder, "training.js"), "utf8");
      write({
        "main.mjs": `import { readFileSync } from "node:fs";
import vm from "node:vm";
const context = vm.createContext({});
const modules = new Map();
const load = (path) => {
  if (!modules.has(path)) modules.set(path, new vm.SourceTextModule(readFileSync(path, "utf8"), { context, identifier: path }));
  return modules.get(path);
};
const main = load("training.js");
await main.link((name) => load(name === "thalweg" ? "node_modules/thalweg/dist/standalone.js" : name));
await main.evaluate();
console.log("OUTCOME " + JSON.stringify(await main.namespace.train()));
`,
        "training.js": training,
      });
      const flags = ["--experimental-vm-modules", "--no-warnings"];
      return outcomeOf(await exec(process.execPath, [...flags, "main.mjs"]));
    },
  },
];
