/** The figures of a run as tables in Markdown, for the terminal and for the README. */
import { markdownTable } from "markdown-table";
import type { OptimizerRow } from "./optimizers.js";
import type { ProductRow } from "./products.js";
import type { StartupRow } from "./startup.js";
import type { TrainingRow } from "./training.js";

export interface Results {
  host: { runtime: string; cpu: string; simd: string };
  /** Of each section: `--only` and `--quick` renew some and leave the rest as they were. */
  rounds: Partial<Record<"optimizers" | "products" | "training", number>>;
  startup?: StartupRow;
  optimizers?: OptimizerRow[];
  dead?: number;
  products?: ProductRow[];
  training?: TrainingRow[];
}

const percent = (x: number): string => `${Math.round(100 * x)} %`;
const times = (x: number | undefined): string => (x === undefined ? "" : `${x.toFixed(1)}×`);
const figures = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toFixed(1));

export function tables({ host, rounds, startup, optimizers, dead, products, training }: Results): string {
  const said = Object.entries(rounds)
    .map(([section, count]) => `${section}: ${count} rounds`)
    .join(", ");
  const parts = [
    `${host.runtime} on ${host.cpu}, ${host.simd} SIMD, one thread; medians of rounds in which all of a row run in turns (${said}).`,
  ];
  if (startup) {
    parts.push(
      `Cold, in a fresh process (median of 15): \`import "thalweg"\` ${figures(startup.imported)} ms, \`createEngine()\` ${figures(startup.created)} ms.`,
    );
  }
  if (optimizers) {
    const rows = optimizers.map((row) => [
      row.kernel,
      figures(row.throughput),
      figures(row.bandwidth),
      times(row.overPlain),
      times(row.overJs),
      percent(row.ofLimit),
      row.limit,
    ]);
    const head = [
      "update kernel, 1M parameters",
      "M/s",
      "GB/s",
      "over a plain loop",
      "over js",
      "of its limit",
      "which is",
    ];
    parts.push(grid(head, rows));
  }
  if (dead !== undefined) {
    parts.push(
      `Adam over dead units (2,000 steps of zero gradients) takes ${dead.toFixed(2)} × the time of a working step.`,
    );
  }
  if (products) {
    const rows = products.map((row) => [
      `${row.shape} ${row.layout}`,
      figures(row.gflops),
      percent(row.ofPeak),
      times(row.overPlain),
    ]);
    parts.push(grid(["product", "GFLOP/s", "of the peak", "over a plain loop"], rows));
  }
  if (training) {
    const rows = training.map((row) => [row.name, figures(row.rate), `${row.overPeak.toFixed(2)}×`, times(row.overJs)]);
    parts.push(grid(["training step", "steps/s", "its products at the peak", "over js"], rows));
  }
  return parts.join("\n\n");
}

function grid(head: string[], rows: string[][]): string {
  return markdownTable([head, ...rows], { align: ["l", ...head.slice(1).map(() => "r")] });
}
