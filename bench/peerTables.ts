/** The figures of a contest as tables in Markdown, for the terminal, docs/performance.md and the README. */
import { markdownTable } from "markdown-table";

export interface Row {
  work: string;
  flops?: number;
  elements?: number;
  /** Milliseconds, the library's. */
  ours: number;
  /** Each peer's milliseconds, and how many times the library's they are: the median of the ratios of the rounds. */
  peers: Record<string, { ms: number; ratio: number }>;
}

export const SECTIONS = ["products", "optimizers", "training", "digits"] as const;
export type Section = (typeof SECTIONS)[number];

/** @throws RangeError for an option --only that names no section. */
export function checkOnly(only: string | undefined): void {
  if (only !== undefined && !(SECTIONS as readonly string[]).includes(only))
    throw new RangeError(`--only: expected one of ${SECTIONS.join(", ")}, got ${only}`);
}

export interface Contest {
  threads: number;
  /** What the library ran on. */
  ours: { threads: number; simd: string };
  /** Peers that could not take part, and why. */
  absent: string[];
  sections: Partial<Record<Section, Row[]>>;
}

export interface PeerResults {
  /** `load`: threads that want a core, the mean of the last minute before the run's end; the bench itself is one or `cores`. */
  host: { runtime: string; cpu: string; cores: number; load?: number };
  rounds: number;
  contests: Contest[];
}

const rate = ({ flops, elements, ours }: Row): string =>
  flops ? `${three(flops / ours / 1e6)} GFLOP/s` : elements ? `${three(elements / ours / 1e3)} M/s` : duration(ours);
const duration = (ms: number): string =>
  ms >= 1e3 ? `${three(ms / 1e3)} s` : ms >= 1 ? `${three(ms)} ms` : `${three(1e3 * ms)} µs`;
const three = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));
const times = (x: number | undefined): string =>
  x === undefined ? "" : `${x >= 9.95 ? x.toFixed(0) : x.toFixed(x < 0.995 ? 2 : 1)}×`;

const HEADS: Record<Section, string> = {
  products: "product, m×k×n",
  optimizers: "optimizer step, parameters",
  training: "training step, widths ×batch",
  digits: "time to accuracy",
};

export function peerTables({ host, rounds, contests }: PeerResults): string {
  const parts = [
    `${host.runtime} on ${host.cpu}; medians of ${rounds} rounds in which all of a row run in turns. A peer's figure is its time over Thalweg's: above 1, Thalweg is ahead.`,
  ];
  const { load = 0, cores } = host;
  if (load > cores + 1)
    parts.push(
      `The machine was busy: ${load.toFixed(0)} threads wanted its ${cores} cores. Rates are too low, and single ratios may be off by several times.`,
    );
  for (const { threads, ours, absent, sections } of contests) {
    const on = ours.threads === threads ? "" : `, Thalweg on ${ours.threads === 1 ? "one" : ours.threads}`;
    parts.push(`${threads === 1 ? "One thread" : `${threads} threads${on}`}, ${ours.simd} SIMD:`);
    if (absent.length > 0) parts.push(`Left out: ${absent.join("; ")}.`);
    for (const [section, rows] of Object.entries(sections) as [Section, Row[]][]) {
      const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers)))];
      if (peers.length === 0) continue;
      parts.push(
        markdownTable(
          [
            [HEADS[section], "Thalweg", ...peers],
            ...rows.map((row) => [row.work, rate(row), ...peers.map((peer) => times(row.peers[peer]?.ratio))]),
          ],
          { align: ["l", "r", ...peers.map(() => "r")] },
        ),
      );
    }
  }
  return parts.join("\n\n");
}

/** What the README shows of a contest: some rows, by what it calls them, and some peers. */
const SUMMARY: [section: Section, work: string, label: string][] = [
  ["products", "512³ NN", "product 512³"],
  ["products", "512³ NT", "product 512³, B transposed"],
  ["optimizers", "adam 64k", "Adam, 65,536 parameters"],
  ["optimizers", "adam 1M", "Adam, 1,048,576 parameters"],
  ["training", "784-512-256-10 ×128", "training step 784-512-256-10, batch 128"],
  ["digits", "digits to 97 %", "8×8 digits to 97 % accuracy"],
];
const SUMMARY_PEERS = ["TensorFlow.js wasm", "jax-js"];

/** The few rows of a contest on one thread that say how things stand. */
export function peerSummary({ host, rounds, contests }: PeerResults): string {
  const contest = contests.find(({ threads }) => threads === 1);
  if (!contest) throw new Error("the last bench:peers has no contest on one thread");
  const body = SUMMARY.flatMap(([section, work, label]) => {
    const row = contest.sections[section]?.find((one) => one.work === work);
    return row ? [[label, rate(row), ...SUMMARY_PEERS.map((peer) => times(row.peers[peer]?.ratio))]] : [];
  });
  const head = [`${host.runtime}, ${host.cpu}, one thread, ${contest.ours.simd} SIMD`, "Thalweg", ...SUMMARY_PEERS];
  const table = markdownTable([head, ...body], { align: ["l", "r", ...SUMMARY_PEERS.map(() => "r" as const)] });
  return `${table}

Medians of ${rounds} rounds. A peer's figure is its time over Thalweg's: above 1, Thalweg is ahead.`;
}
