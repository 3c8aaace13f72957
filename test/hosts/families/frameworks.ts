/** Frameworks that bring a bundler and a server: Next, Astro; and Metro, the bundler of React Native. */
import { nodePackage, nodeProgram } from "../support/install.js";
import { serve, visit, withServer } from "../support/pages.js";
import { recipe } from "../support/recipes.js";
import { type Host, type Outcome, outcomeOf, type Packages, type Row } from "../support/row.js";
import { page, tellScript, worker, workerPage } from "../support/sources.js";

const NEXT = "16.4.6";
const REACT = "19.3.1";
const client = (effect: string): string => `"use client";
import { useEffect } from "react";
import { train } from "../FOLDERtraining.js";

export default function Page() {
  useEffect(() => {
    ${tellScript}${effect}
  }, []);
  return <p>thalweg</p>;
}
`;
const nextFiles = (): Record<string, string> => ({
  ...recipe("Next"),
  "app/layout.js": "export default ({ children }) => <html lang='en'><body>{children}</body></html>;\n",
  "app/page.js": client("train().then(tell, fail);").replace("FOLDER", ""),
  "app/threads/page.js": client("train({ threads: 2 }).then(tell, fail);").replace("FOLDER", "../"),
  "app/worker/page.js": client(workerPage.replace(tellScript, "").replace("./worker.js", "../../worker.js"))
    .replace(/^import \{ train.*\n/m, "")
    .replace("FOLDER", ""),
  "worker.js": worker(),
  "app/server/route.js": `import { train } from "../../training.js";
export const dynamic = "force-dynamic";
export const GET = async () => Response.json(await train());
`,
  ...recipe("Next, edge functions"),
});
const ask = async (address: string): Promise<Outcome> => {
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
};

type Way = "server" | "client" | "worker" | "threads" | "edge";
/** One build and one server for all rows of a bundler: the first row makes them. */
function next(bundler: "Turbopack" | "webpack"): Row[] {
  let all: Promise<Record<Way, PromiseSettledResult<Outcome>>> | undefined;
  const make = async (host: Host) => {
    host.write(nextFiles());
    const command = host.installed("next/dist/bin/next");
    const env = { NEXT_TELEMETRY_DISABLED: "1" };
    const flags = bundler === "webpack" ? ["--webpack"] : [];
    await host.exec(process.execPath, [command, "build", ...flags], { env, timeout: 240_000 });
    const args = (port: number) => [command, "start", "--hostname", "127.0.0.1", "--port", String(port)];
    return withServer({ folder: host.folder, command: process.execPath, args, env }, async (origin) => {
      const [server, edge, page, inWorker, threads] = await Promise.allSettled([
        ask(`${origin}/server`),
        ask(`${origin}/api/edge`),
        visit("chromium", `${origin}/`),
        visit("chromium", `${origin}/worker`),
        visit("chromium", `${origin}/threads`),
      ]);
      return { server, edge, client: page, worker: inWorker, threads };
    });
  };
  const row = (way: Way, name: string, more: Partial<Row> = {}): Row => ({
    name: `Next ${NEXT}, ${bundler}, ${name}`,
    packages: { next: NEXT, react: REACT, "react-dom": REACT },
    async run(host) {
      all ??= make(host);
      const found = (await all)[way];
      if (found.status === "rejected") throw found.reason;
      return found.value;
    },
    ...more,
  });
  return [
    row("server", "server"),
    row("edge", "edge", {
      configuration: bundler === "webpack" ? "`module`, `unstable_allowDynamic`" : "`module`",
      expected: { reason: /the module given/ },
    }),
    row("client", "client"),
    row("worker", "worker"),
    row("threads", "client, isolated, two threads", { configuration: "COOP, COEP", expected: { threads: 2 } }),
  ];
}

/** Astro and Metro ask for Node 22 at least. */
const NODE = nodePackage("24.22.3");
const METRO: Packages = { ...NODE, metro: "0.87.1", "@react-native/babel-preset": "0.88.1", "@babel/core": "7.29.0" };

export const frameworks: Row[] = [
  ...next("Turbopack"),
  ...next("webpack"),
  {
    name: "Astro 7.3.5, build",
    packages: { ...NODE, astro: "7.3.5" },
    async run(host) {
      host.write({
        "src/pages/index.astro": '<html lang="en"><body><script src="../page.js"></script></body></html>\n',
        "src/page.js": page("{}", "../training.js"),
      });
      const env = { ASTRO_TELEMETRY_DISABLED: "1" };
      const node = nodeProgram(host);
      await host.exec(node, [host.installed("astro/bin/astro.mjs"), "build"], { env });
      const site = await serve(`${host.folder}/dist`);
      const found = await visit("chromium", `${site.origin}/`);
      return { ...found, bytes: site.bytes() };
    },
  },
  {
    name: "Metro 0.87.1, React Native's preset",
    packages: METRO,
    async run(host) {
      const { write, exec, installed } = host;
      write({
        "package.json": '{ "private": true }',
        "metro.config.js": 'module.exports = { watchFolders: [require("node:path").resolve("../..")] };\n',
        "babel.config.js": 'module.exports = { presets: ["@react-native/babel-preset"] };\n',
        "index.js": `import { train } from "./training.js";
train().then((found) => console.log("OUTCOME " + JSON.stringify(found)), (error) => console.log(error));
`,
      });
      const node = nodeProgram(host);
      const args = ["build", "index.js", "--config", "metro.config.js", "--out", "out.js", "--platform", "android"];
      await exec(node, [installed("metro/src/cli.js"), ...args, "--reset-cache", "--max-workers", "1"]);
      return outcomeOf(await exec(node, ["out.js"]));
    },
  },
];
