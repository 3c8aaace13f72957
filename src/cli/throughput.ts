import { CONTESTS, measured } from "../experiments/throughput.js";
import { choice, command, option, parsed } from "./args.js";
import { columned } from "./columns.js";
import { engineOf, threadsOption } from "./engineOptions.js";
import { print, printJson } from "./output.js";
import { textColumns, wrapped } from "./terminal.js";

interface Options {
  simd?: "auto" | "relaxed" | "strict";
  threads?: number | "auto";
  json?: true;
}

/** The command. */
export async function throughput(args: string[]): Promise<void> {
  const measure = command(
    "throughput",
    "measures the speed of this machine",
    "[options]",
    `
Three tasks on the wasm backend, the js backend and, for two of them, a plain JavaScript loop in double precision; the
js backend and the loop have one thread. The results are medians of alternating rounds. In the repository,
\`npm run bench\` measures more tasks, more carefully.`,
  )
    .addOption(
      option(
        "--simd <s>",
        "auto, relaxed or strict: strict gives the same bits on every host (default: auto)",
        choice(["auto", "relaxed", "strict"]),
      ),
    )
    .addOption(threadsOption())
    .option("--json", "print one JSON object on one line");
  const call = parsed<Options>(measure, args);
  if (call === undefined) return;
  const { simd = "auto", threads = 1, json } = call.values;
  using wasm = await engineOf({ backend: "wasm", simd, threads });
  using js = await engineOf({ backend: "js" });
  const rows = CONTESTS.map((contest) => ({ contest, times: measured(contest, wasm, js) }));
  if (json) {
    const found = rows.map(({ contest: { work, unit, amount }, times }) => ({
      work,
      unit,
      amount,
      milliseconds: times,
    }));
    printJson({ engine: wasm.reason, threads: wasm.threads, rows: found });
    return;
  }
  const rate = (amount: number, time: number | undefined) => (time === undefined ? "" : figures(amount / time));
  const times = (slow: number | undefined, fast: number | undefined) =>
    slow === undefined || fast === undefined ? "" : `${(slow / fast).toFixed(1)}×`;
  const table = rows.map(({ contest: { work, unit, amount }, times: t }) => [
    work,
    unit,
    rate(amount, t.wasm),
    rate(amount, t.js),
    rate(amount, t.plain),
    times(t.js, t.wasm),
    times(t.plain, t.wasm),
  ]);
  const head = ["", "unit", "wasm", "js", "loop", "wasm/js", "wasm/loop"];
  const threaded = wasm.threads === 1 ? "one thread" : `${wasm.threads} threads`;
  print([
    ...wrapped(`Throughput on ${threaded} (${wasm.reason})`, textColumns()),
    "",
    ...columned(head, table, { right: [2, 3, 4, 5, 6] }),
  ]);
}

const figures = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));
