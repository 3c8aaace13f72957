/**
 * `npm run bench:sweep`: sweeps over one and two threads, over Redis and through kills, as the tables of docs/sweep.md.
 * `--table same|cores|empty|redis|asha` writes one of them, `--most 1000000` the most empty trials.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchAsha } from "./asha.js";
import { benchCores } from "./cores.js";
import { benchEmpty, benchRedis } from "./empty.js";
import { benchSame } from "./same.js";
import { load } from "./scene.js";

const { values } = parseArgs({ options: { table: { type: "string" }, most: { type: "string", default: "100000" } } });
const print = console.log;
const tables: Record<string, () => Promise<void>> = {
  same: () => benchSame(print),
  cores: () => benchCores(print),
  empty: () => benchEmpty(Number(values.most), print),
  redis: () => benchRedis(Number(values.most), print),
  asha: () => benchAsha(print),
};
const names = values.table === undefined ? Object.keys(tables) : [values.table];
for (const name of names)
  if (!Object.hasOwn(tables, name))
    throw new RangeError(`--table: expected one of ${Object.keys(tables).join(", ")}, got ${name}`);
print(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]!.model}, strict SIMD`);
for (const name of names) {
  const from = performance.now();
  await tables[name]!();
  print(`\n${name}: ${((performance.now() - from) / 1000).toFixed(0)} s, ${load()}`);
}
