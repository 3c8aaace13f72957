/** Node, Deno and Bun, each from npm's package of its binary. */
import { nodePackage, nodeProgram } from "../support/install.js";
import { node } from "../support/matrix.js";
import { type Host, type Outcome, outcomeOf, type Row } from "../support/row.js";

const commonJs =
  'require("./training.cjs").train().then((found) => console.log("OUTCOME " + JSON.stringify(found)));\n';

/** The training in an ES module, in CommonJS, and on two threads. */
async function everyWay({ write, exec }: Host, command: string, args: string[]): Promise<Outcome> {
  write({
    "plain.mjs": node(),
    "plain.cjs": commonJs,
    "threads.mjs": node("{ threads: 2, pool: { least: 0, grain: 16 } }"),
  });
  const [plain, required, threaded] = [
    outcomeOf(await exec(command, [...args, "plain.mjs"])),
    outcomeOf(await exec(command, [...args, "plain.cjs"])),
    outcomeOf(await exec(command, [...args, "threads.mjs"])),
  ];
  for (const [name, { hash }] of Object.entries({ required, threaded }))
    if (hash !== plain.hash) throw new Error(`${name}: expected the hash ${plain.hash}, got ${hash}`);
  return { ...threaded, reason: threaded.reason };
}

/** The oldest, and the last of each line. The tests run on a Node of their own, so that the oldest is enough there. */
const NODES = ["20.0.0", "20.10.0", "20.20.2", "22.23.5", "24.22.3", "26.12.1"];

export const runtimes: Row[] = [
  ...NODES.map(
    (version): Row => ({
      name: `Node ${version}: import, require, two threads`,
      always: version === "20.0.0",
      packages: nodePackage(version),
      expected: { threads: 2 },
      run: (host) => everyWay(host, nodeProgram(host), []),
    }),
  ),
  {
    name: "Deno 2.9.6: import, require, two threads",
    always: true,
    packages: { deno: "2.9.6" },
    expected: { threads: 2 },
    run: (host) => everyWay(host, host.installed(".bin/deno"), ["run", "-A"]),
  },
  {
    name: "Bun 1.4.5: import, require, two threads",
    always: true,
    packages: { bun: "1.4.5" },
    expected: { threads: 2 },
    run: (host) => everyWay(host, host.installed(".bin/bun"), ["run"]),
  },
];
