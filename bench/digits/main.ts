/**
 * `npm run bench:digits`: what optimizers make of the digits, as Markdown tables. `--table steps|largeBatch` writes one of
 * them, `--only REGEX` some of its rows.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { benchLargeBatch } from "./largeBatch.js";
import { benchSteps } from "./steps.js";

const { values } = parseArgs({ options: { table: { type: "string" }, only: { type: "string", default: "" } } });
const only = new RegExp(values.only);
console.log(`Node ${process.versions.node}, ${cpus()[0]!.model}`);
if (values.table !== "largeBatch") {
  console.log(
    "\n| optimizer | batch | setting | steps | of SGD's | ms | failed of 10 |\n| - | - | - | - | - | - | - |",
  );
  await benchSteps(only, console.log);
}
if (values.table !== "steps") {
  console.log("\n| optimizer | 32 | all, rate × √ | all, rate × linear | all, rate tuned |\n| - | - | - | - | - |");
  await benchLargeBatch(only, console.log);
}
