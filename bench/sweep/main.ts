/**
 * `npm run bench:sweep`: sweeps over one and two threads, over Redis and through kills, as the tables of docs/sweep.md.
 * `--table same|empty|asha` writes one of them, `--most 1000000` the most empty trials.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchAsha } from "./asha.js";
import { benchEmpty } from "./empty.js";
import { benchSame } from "./same.js";

const { values } = parseArgs({ options: { table: { type: "string" }, most: { type: "string", default: "100000" } } });
console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]!.model}, strict SIMD`);
const wanted = (table: string): boolean => values.table === undefined || values.table === table;
if (wanted("same")) await benchSame(console.log);
if (wanted("empty")) await benchEmpty(Number(values.most), console.log);
if (wanted("asha")) await benchAsha(console.log);
