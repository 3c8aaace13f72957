/** The figures of a run as tables in Markdown, for the terminal and for docs/performance.md. */
import { markdownTable } from "markdown-table";
import type { OptimizerRow } from "./optimizers.js";
import type { ProductRow } from "./products.js";
import type { Profile, ProfilePart } from "./profile.js";
import type { StartupRow } from "./startup.js";
import type { ThreadResults } from "./threads.js";
import type { TrainingRow } from "./training.js";

export interface Results {
  host: { runtime: string; cpu: string; simd: string };
  /** Of each section: `--only` and `--quick` renew some and leave the rest as they were. */
  rounds: Partial<Record<"optimizers" | "products" | "training" | "profile" | "threads", number>>;
  startup?: StartupRow;
  optimizers?: OptimizerRow[];
  dead?: number;
  products?: ProductRow[];
  training?: TrainingRow[];
  profile?: Profile;
  threads?: ThreadResults;
}

const percent = (x: number): string => `${Math.round(100 * x)} %`;
const times = (x: number | undefined): string => (x === undefined ? "" : `${x.toFixed(1)}×`);
const figures = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toFixed(1));

export function tables({
  host,
  rounds,
  startup,
  optimizers,
  dead,
  products,
  training,
  profile,
  threads,
}: Results): string {
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
  if (profile) parts.push(profileTable(profile));
  if (threads) parts.push(threadsTable(threads));
  return parts.join("\n\n");
}

/** The parts of a step, their shares of it, and what would be left of it if each ran at its limit. */
export function profileTable({ name, step, parts }: Profile): string {
  const sum = (some: ProfilePart[], what: "time" | "limit") => some.reduce((total, part) => total + part[what], 0);
  const all = sum(parts, "time");
  const share = (x: number) => `${((100 * x) / all).toFixed(1)} %`;
  const us = (x: number) => (1e3 * x).toFixed(0);
  const row = (label: string, some: ProfilePart[]) => {
    const [time, limit] = [sum(some, "time"), sum(some, "limit")];
    return [label, share(time), us(time), us(limit), share(time - limit)];
  };
  const kinds = [...new Set(parts.map(({ kind }) => kind))].map((kind) => parts.filter((part) => part.kind === kind));
  const rows = kinds.flatMap((some) => {
    const kind = some[0].kind;
    if (some.length === 1) return [row(`${kind}: ${some[0].name}`, some)];
    return [row(kind, some), ...some.map((part) => row(`· ${part.name}`, [part]))];
  });
  const head = [`step of ${name}`, "share", "µs", "µs at the limit", "left to gain"];
  return grid(head, [...rows, row(`all; ${us(step)} µs unobserved`, parts)]);
}

/** All threads over one. */
export function threadsTable({ threads, ceiling, rows }: ThreadResults): string {
  const time = (ms: number) => (ms < 1 ? `${figures(1e3 * ms)} µs` : `${figures(ms)} ms`);
  const table = grid(
    ["work", "one thread", `${threads} threads`, "speed-up", "least of the rounds"],
    rows.map(({ name, one, all, speedup, worst }) => [
      ...[name, time(one), time(all)],
      ...[`${speedup.toFixed(2)}×`, `${worst.toFixed(2)}×`],
    ]),
  );
  if (ceiling === undefined) return table;
  const most = `${threads} products at once, in threads that share nothing, are ${ceiling.toFixed(2)} × as fast as one.`;
  return `${table}\n\n${most}`;
}

function grid(head: string[], rows: string[][]): string {
  return markdownTable([head, ...rows], { align: ["l", ...head.slice(1).map(() => "r")] });
}
