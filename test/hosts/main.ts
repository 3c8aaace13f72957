/**
 * `npm run test:hosts`: the same training in every host, and the table of docs/embedding.md. Options: --only REGEX (rows whose
 * name it matches), --of test (rows that `npm test` runs too) or --of rest (the others), --list, --json, --jobs N (rows at a
 * time, 2), --retry (runs those that failed once more, one at a time), --write (puts the rows into the page).
 * Hosts are installed once below the system's folder for temporary files, or $THALWEG_HOSTS.
 */
import { parseArgs } from "node:util";
import { ROWS } from "./rows.js";
import { runRows } from "./support/matrix.js";
import { table, writeTable } from "./table.js";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    of: { type: "string", default: "all" },
    jobs: { type: "string", default: "2" },
    list: { type: "boolean" },
    retry: { type: "boolean" },
    json: { type: "boolean" },
    write: { type: "boolean" },
  },
});
const only = new RegExp(options.only, "i");
const parts: Record<string, (always: boolean) => boolean> = {
  all: () => true,
  test: (always) => always,
  rest: (always) => !always,
};
const part = parts[options.of];
if (part === undefined) throw new Error(`--of: expected one of ${Object.keys(parts).join(", ")}, got "${options.of}"`);
const rows = ROWS.filter(({ name, always = false }) => only.test(name) && part(always));
if (rows.length === 0) throw new Error(`--only: expected a pattern that matches a row, got "${options.only}"`);

if (options.list) console.log(rows.map(({ name }) => name).join("\n"));
else {
  const start = Date.now();
  const told = ({ name, ok, seconds, reason }: Awaited<ReturnType<typeof runRows>>[number]) =>
    console.error(`${ok ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)${ok ? "" : `\n       ${reason}`}`);
  let results: Awaited<ReturnType<typeof runRows>> = await runRows(rows, Number(options.jobs), told);
  if (options.retry) {
    // One at a time, with the machine for itself: a browser or a framework's server may not have started in time.
    const again = rows.filter(({ name }) => results.some((one) => one.name === name && !one.ok));
    const second = again.length > 0 ? await runRows(again, 1, told) : [];
    results = results.map((one) => second.find(({ name }) => name === one.name) ?? one);
  }
  const failed = results.filter(({ ok }) => !ok);
  console.log(options.json ? JSON.stringify(results) : table(results));
  if (options.write)
    writeTable(
      results,
      ROWS.map(({ name }) => name),
    );
  console.error(
    `${results.length - failed.length} of ${results.length} rows in ${Math.round((Date.now() - start) / 1000)} s`,
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
}
