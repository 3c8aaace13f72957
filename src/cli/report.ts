import type { Prepared } from "../data/dataset.js";
import type { Engine } from "../engine/engine.js";
import { lossCurve } from "./chart.js";
import { lossText, speedText } from "./progress.js";
import type { TrainCommand } from "./trainOptions.js";

/** Loss and, for classes, accuracy over one file. */
export interface Score {
  loss: number;
  accuracy: number | null;
}

/** What a training run came to. */
export interface Result {
  /** Mean over the batches of each epoch. */
  losses: number[];
  seconds: number;
  /** Rows seen, epochs times rows. */
  samples: number;
  train: Score;
  test: Score | null;
  parametersSha256: string;
}

/** The object that `--json` prints. */
export function json(engine: Engine, { epochs }: TrainCommand, { seconds, train, test, parametersSha256 }: Result) {
  const { backend, simd, threads } = engine;
  return { backend, simd, threads, epochs, train, test, parametersSha256, seconds };
}

interface About {
  prepared: Prepared;
  header: boolean;
  result: Result;
}

/** The loss curve and the summary that end a run. */
export function report(engine: Engine, command: TrainCommand, { prepared, header, result }: About): string {
  const { file, test, hidden, activation, optimizer, hyper, epochs, batchSize, seed } = command;
  const { task, features, classes, target } = prepared;
  const outputs = classes?.length ?? 1;
  const widths = [features, ...hidden, outputs];
  const parameters = widths.slice(1).reduce((sum, width, i) => sum + width * (widths[i]! + 1), 0);
  const lr = hyper.lr ?? optimizer.rule.hyper.lr;
  const details = [optimizer.rule.name, ...(lr === undefined ? [] : [`lr ${lr}`]), `batch ${batchSize}`];
  const rows: [string, string][] = [
    ["Data", `${file}: ${plural(prepared.train.rows, "row")}, ${plural(features, "feature")}, ${yes(header)} header`],
    ...(prepared.test ? [["", `${test}: ${plural(prepared.test.rows, "row")}`] satisfies [string, string]] : []),
    ["Target", `${target}: ${task}${classes ? `, ${classes.length} classes (${some(classes)})` : ""}`],
    ["Network", `${widths.join("-")}, ${hidden.length > 0 ? `${activation}, ` : ""}${plural(parameters, "parameter")}`],
    ["Training", `${details.join(", ")}, ${plural(epochs, "epoch")}, seed ${seed}`],
    ["", `${result.seconds.toFixed(2)} s, ${speedText(result.samples / result.seconds)} samples/s`],
    ["Engine", engine.reason],
    ["Parameters", `sha256 ${result.parametersSha256}`],
    ["Train", score(task, result.train)],
    ["Test", result.test ? score(task, result.test) : "none given (--test FILE)"],
  ];
  const log = Math.max(...result.losses) > 10 * Math.min(...result.losses);
  const name = task === "classification" ? "Cross-entropy" : "Mean squared error";
  const title = `${name} of each epoch${log ? ", logarithmic" : ""}`;
  const curve = lossCurve(result.losses, 1, { title, xLabel: "epoch", log });
  return [...(curve ? ["", curve] : []), "", ...rows.map(([label, text]) => label.padEnd(12) + text)].join("\n");
}

function score(task: Prepared["task"], { loss, accuracy }: Score): string {
  if (accuracy !== null) return `loss ${lossText(loss)}, accuracy ${(accuracy * 100).toFixed(2)} %`;
  return task === "regression" ? `mean squared error ${lossText(loss)}, its root ${lossText(Math.sqrt(loss))}` : "";
}

function some(classes: readonly string[]): string {
  return classes.length > 10 ? `${classes.slice(0, 9).join(", ")} …` : classes.join(", ");
}

const yes = (header: boolean): string => (header ? "a" : "no");
const plural = (n: number, thing: string): string => `${n.toLocaleString("en-US")} ${thing}${n === 1 ? "" : "s"}`;
