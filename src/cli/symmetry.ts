import { quoted } from "../check.js";
import type { Engine } from "../engine/engine.js";
import {
  type Outcome as Ended,
  MIRRORED,
  PATTERNS,
  type SymmetryOptions,
  symmetryExperiment,
} from "../experiments/symmetry.js";
import { greatest } from "../math/extremes.js";
import { command, number as numeric, option, parsed, UsageError, whole } from "./args.js";
import { lossCurve } from "./chart.js";
import { engineOf, threadsOption } from "./engineOptions.js";
import { breathe, interruptible } from "./interrupt.js";
import { print, printJson } from "./output.js";
import { sha256 } from "./parameterHash.js";
import { percentText } from "./progress.js";

interface Values {
  seed?: number;
  seeds?: number;
  lr: number;
  momentum: number;
  sweeps: number;
  threads?: number | "auto";
  verbose?: true;
  json?: true;
}

/** The command with its options. */
export function symmetryCommand() {
  return command(
    "symmetry",
    "runs the symmetry-detection experiment of 1986 on the wasm and js backends",
    "[options]",
    `
A network of 6 inputs, 2 hidden units and 1 output learns which of the 64 strings of 6 bits are symmetric about their
middle (Rumelhart, Hinton & Williams, Nature 323, 1986). Both backends must end with the same bits.

Examples:
  thalweg symmetry
  thalweg symmetry --seeds 20
  thalweg symmetry --seeds 20 --lr 0.1   half the seeds end in a local minimum`,
  )
    .addOption(option("--seed <n>", "seed of the initial weights (default: 1)", whole(Number.MIN_SAFE_INTEGER)))
    .addOption(option("--seeds <n>", "run the seeds 1 to n and count the solved ones (not with --seed)", whole()))
    .addOption(option("--lr <x>", "learning rate", numeric, 0.05))
    .addOption(option("--momentum <x>", "momentum", numeric, 0.9))
    .addOption(option("--sweeps <n>", "maximum number of sweeps over the patterns", whole(), 2000))
    .addOption(threadsOption())
    .option("--verbose", "print the hash of the final weights too, and why the engine is as it is")
    .option("--json", "print one JSON object on one line");
}

/** An outcome, with the hash of its parameters in their place. */
type Outcome = Omit<Ended, "parameters"> & { sha256: string };

/** The outcomes of one seed on every backend. */
interface Trial {
  seed: number;
  outcomes: Outcome[];
  sameBits: boolean;
}

/** `thalweg symmetry`: fails if the backends end with different bits. */
export async function symmetry(args: string[]): Promise<void> {
  const call = parsed<Values>(symmetryCommand(), args);
  if (call === undefined) return;
  const { values, words } = call;
  if (words.length > 0) throw new UsageError(`expected options alone, got ${quoted(words[0])}`);
  const { seed, seeds, lr, momentum, sweeps, threads = 1 } = values;
  if (seed !== undefined && seeds !== undefined) throw new UsageError("expected --seed or --seeds, got both");
  const many = seeds !== undefined;
  const first = many ? 1 : (seed ?? 1);
  const count = seeds ?? 1;
  const settings = { lr, momentum, sweeps };
  using best = await engineOf({ simd: "strict", threads });
  using twin = await engineOf({ backend: "js" });
  // Strict wasm and js; on a host without SIMD js alone, as the output then says.
  const engines = best.backend === "js" ? [best] : [best, twin];
  const trials = await interruptible(async (signal) => {
    const done: Trial[] = [];
    for (let seed = first; seed < first + count; seed++) {
      await breathe(signal);
      done.push(trial(engines, { seed, ...settings }));
    }
    return done;
  });
  if (values.json) printJson(data(engines, trials, settings));
  else if (many) printMany(engines, trials, settings);
  else printOne(engines, trials[0], settings, values.verbose ?? false);
  if (!trials.every(({ sameBits }) => sameBits)) throw new Error("the backends ended with different bits");
}

function trial(engines: Engine[], options: SymmetryOptions): Trial {
  const outcomes = engines.map((engine): Outcome => {
    const { parameters, ...outcome } = symmetryExperiment(engine, options);
    return { ...outcome, sha256: sha256(parameters) };
  });
  const sameBits = outcomes.every(({ sha256 }) => sha256 === outcomes[0].sha256);
  return { seed: options.seed, outcomes, sameBits };
}

type Settings = Omit<SymmetryOptions, "seed">;

function printOne(engines: Engine[], { seed, outcomes }: Trial, settings: Settings, verbose: boolean): void {
  const { sweeps, solved, right, losses, units, mirrorError } = outcomes[0];
  const names = engines.map(nameOf);
  const width = Math.max(20, greatest(names.map((name) => name.length + 2)));
  const title = `Half squared error after each of ${number(sweeps)} sweeps`;
  print([
    ...heading(`seed ${seed}`, settings),
    "",
    ...lossCurve({ losses }, 0, { title, xLabel: "sweep" }),
    "",
    `Patterns classified right   ${right}/${PATTERNS} after ${number(sweeps)} sweeps${solved ? "" : ": not solved"}`,
    `Mirror error                ${percentText(mirrorError)}: largest |w_i + w_(7−i)| over the largest |w|`,
    "",
    "Hidden weights              w1      w2      w3  |   w4      w5      w6      bias",
    ...units.map(({ weights, bias }, i) => {
      const cells = weights.map((w) => signed(w).padStart(8));
      return `  unit ${i + 1}             ${cells.slice(0, 3).join("")}  |${cells.slice(3).join("").slice(2)}  ${signed(bias).padStart(8)}`;
    }),
    "",
    ...outcomes.flatMap(({ sha256, seconds }, i) => [
      `${names[i].padEnd(width)}${seconds.toFixed(2)} s`,
      ...(verbose ? [`  ${engines[i].reason}`, `  SHA-256 ${sha256}`] : []),
    ]),
    verdict(engines, [outcomes]),
  ]);
}

function nameOf({ backend, simd, threads }: Engine): string {
  if (backend === "js") return "js";
  return `wasm, ${simd} SIMD${threads > 1 ? `, ${threads} threads` : ""}`;
}

function printMany(engines: Engine[], trials: Trial[], settings: Settings): void {
  const outcomes = trials.map((trial) => trial.outcomes[0]);
  const solved = outcomes.filter((outcome) => outcome.solved);
  const worst = greatest(solved.map(({ mirrorError }) => mirrorError));
  print([
    ...heading(`seeds 1 to ${trials.length}`, settings),
    "",
    "  seed    sweeps   patterns   mirror error",
    ...trials.map(({ seed }, i) => {
      const { sweeps, right, mirrorError, solved } = outcomes[i];
      const cells = [String(seed).padStart(6), number(sweeps).padStart(10), `${right}/${PATTERNS}`.padStart(11)];
      return `${cells.join("")}${percentText(mirrorError).padStart(15)}${solved ? "" : "   not solved"}`;
    }),
    "",
    `${solved.length} of ${trials.length} seeds solved within ${number(settings.sweeps)} sweeps` +
      (solved.length > 0 ? `, mirror error at most ${percentText(worst)}` : ""),
    verdict(
      engines,
      trials.map((trial) => trial.outcomes),
    ),
  ]);
}

function heading(seeds: string, { lr, momentum }: Settings): string[] {
  return [
    "Symmetry detection (Rumelhart, Hinton & Williams, Nature 323, 1986)",
    `6 inputs, 2 hidden units, 1 output; all ${PATTERNS} patterns a sweep`,
    `lr ${lr}, momentum ${momentum}, ${seeds}`,
  ];
}

function verdict(engines: Engine[], runs: Outcome[][]): string {
  if (engines.length < 2) return `Only one backend, nothing to compare: ${engines[0].reason}`;
  const differ = runs.filter((outcomes) => outcomes.some(({ sha256 }) => sha256 !== outcomes[0].sha256)).length;
  if (differ === 0) return "Both backends ended with the same bits.";
  return `The backends ended with different bits${runs.length > 1 ? ` for ${differ} of the seeds` : ""}.`;
}

/** What `--json` prints. */
function data(engines: Engine[], trials: Trial[], settings: Settings) {
  const runs = trials.map(({ seed, outcomes, sameBits }) => {
    const { losses, sha256, seconds, ...rest } = outcomes[0];
    const backends = outcomes.map((o, i) => ({
      backend: engines[i].backend,
      simd: engines[i].simd,
      threads: engines[i].threads,
      parametersSha256: o.sha256,
      seconds: o.seconds,
    }));
    return { seed, ...rest, loss: losses.at(-1), sameBits, backends };
  });
  const solved = runs.filter((run) => run.solved).length;
  return { ...settings, mirrorLimit: MIRRORED, solved, runs };
}

const number = (n: number): string => n.toLocaleString("en-US");
const signed = (w: number): string => (w < 0 ? "−" : "+") + Math.abs(w).toFixed(2);
