import progress from "cli-progress";
import { quoted } from "../check.js";
import type { Engine } from "../engine/engine.js";
import {
  type FamilyTreesOptions,
  type FamilyTreesOutcome,
  familyTreesRun,
  LEARNT,
} from "../experiments/familyTrees/experiment.js";
import { familyTreesPicture } from "../experiments/familyTrees/picture.js";
import { SETTINGS, type SettingsName } from "../experiments/familyTrees/settings.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { choice, command, numberIn, option, parsed, text, UsageError, whole } from "./args.js";
import { engineOf } from "./engineOptions.js";
import { data, headOf, oneInFull, seedHead, seedLine, seedSummary, sideBySide } from "./familyTreesReport.js";
import { breathe, interruptible } from "./interrupt.js";
import { print, printJson } from "./output.js";
import { checkWritable } from "./savedRun.js";
import { columns, movesCursor } from "./terminal.js";

const ALL = Object.keys(SETTINGS) as readonly SettingsName[];

interface Values {
  settings: SettingsName | "all";
  questions: number;
  sweeps?: number;
  seed?: number;
  seeds?: number;
  svg?: string;
  json?: true;
}

/** The command with its options. */
export function familyTreesCommand() {
  return command(
    "family-trees",
    "runs the family-trees experiment of 1986",
    "[options]",
    `
A network learns 100 of 104 questions about two families, such as Colin's aunts, and is asked the other 4. From the
answers alone, six units come to encode each person's nationality, generation and branch (Hinton 1986; Rumelhart, Hinton &
Williams, Nature 323, 1986). The settings: those that the paper printed; its rule at ten times their rates; today's
choices. The same seed gives the same numbers on every machine.

Examples:
  thalweg family-trees
  thalweg family-trees --settings paper --svg trees.svg
  thalweg family-trees --questions 80 --seeds 10   how much fewer questions teach`,
  )
    .addOption(option("--settings <name>", `${ALL.join(", ")}, or all side by side`, choice([...ALL, "all"]), "all"))
    .addOption(
      option(
        "--questions <n>",
        `questions to learn, at most ${LEARNT}; the rest is asked`,
        numberIn(`a whole number from 1 to ${LEARNT}`, (n) => Number.isInteger(n) && n >= 1 && n <= LEARNT),
        LEARNT,
      ),
    )
    .addOption(option("--sweeps <n>", "sweeps over the questions (default: those of the settings)", whole()))
    .addOption(
      option("--seed <n>", "seed of weights and held-out questions (default: 1)", whole(Number.MIN_SAFE_INTEGER)),
    )
    .addOption(option("--seeds <n>", "run the seeds 1 to n and count (not with --seed)", whole()))
    .addOption(option("--svg <file>", "write curves and Hinton diagrams of one seed as a picture", text))
    .option("--json", "print one JSON object on one line");
}

/** `thalweg family-trees`. */
export async function familyTrees(args: string[]): Promise<void> {
  const call = parsed<Values>(familyTreesCommand(), args);
  if (call === undefined) return;
  const { values, words } = call;
  if (words.length > 0) throw new UsageError(`expected options alone, got ${quoted(words[0])}`);
  const { settings, questions, sweeps, seed, seeds, svg, json = false } = values;
  if (seed !== undefined && seeds !== undefined) throw new UsageError("expected --seed or --seeds, got both");
  if (svg !== undefined && seeds !== undefined)
    throw new UsageError("expected --svg with one seed, got --seeds as well");
  if (svg !== undefined) await checkWritable(svg);
  const names = settings === "all" ? ALL : [settings];
  const first = seeds === undefined ? (seed ?? 1) : 1;
  using engine = await engineOf({ simd: "strict" });
  const optionsOf = (seed: number): FamilyTreesOptions[] =>
    names.map((settings) => ({ settings, seed, questions, ...(sweeps !== undefined && { sweeps }) }));
  if (!json) print(headOf(names, questions, seeds === undefined ? `seed ${first}` : `seeds 1 to ${seeds}`));
  const outcomes = await interruptible(async (signal) => {
    if (seeds === undefined) return withBar(engine, optionsOf(first), signal);
    const outcomes: FamilyTreesOutcome[] = [];
    if (!json) print(seedHead(names));
    for (let seed = 1; seed <= seeds; seed++) {
      const done: FamilyTreesOutcome[] = [];
      for (const options of optionsOf(seed)) done.push(await run(engine, options, signal));
      if (!json) print([seedLine(done)]);
      // Of many seeds the last error is enough: the errors of all sweeps are most of an outcome.
      for (const outcome of done) outcomes.push({ ...outcome, errors: outcome.errors.slice(-1) });
    }
    return outcomes;
  });
  if (json) printJson(data(outcomes));
  else if (seeds !== undefined) print(seedSummary(names, outcomes));
  else print(outcomes.length === 1 ? oneInFull(outcomes[0]) : sideBySide(outcomes));
  if (svg === undefined) return;
  const picture = new TextEncoder().encode(familyTreesPicture(outcomes));
  await writeFileAtomic(svg, picture);
  if (!json) print(["", `${svg}: ${Math.ceil(picture.length / 1000)} kB`]);
}

/** Runs an experiment to its end, or until the signal aborts it. */
async function run(
  engine: Engine,
  options: FamilyTreesOptions,
  signal: AbortSignal,
  show: (share: number) => void = () => {},
): Promise<FamilyTreesOutcome> {
  const learning = familyTreesRun(engine, options);
  const sweeps = options.sweeps ?? SETTINGS[options.settings].sweeps;
  try {
    for (;;) {
      const { done, value } = learning.next();
      if (done) return value;
      show(value.sweep / sweeps);
      await breathe(signal);
    }
  } finally {
    learning.return(undefined as never); // frees its memory
  }
}

/** Runs experiments, with a bar on stderr if that is a terminal that moves its cursor. */
async function withBar(engine: Engine, list: readonly FamilyTreesOptions[], signal: AbortSignal) {
  const bar = new progress.SingleBar({
    stream: process.stderr,
    format: "{bar}  {settings}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: Math.max(4, 40 + Math.min(0, columns(process.stderr) - 80)),
    hideCursor: true,
    forceRedraw: true,
    clearOnComplete: true,
  });
  const shown = movesCursor(process.stderr);
  if (shown) bar.start(list.length, 0, { settings: list[0].settings });
  try {
    const outcomes: FamilyTreesOutcome[] = [];
    for (const [i, options] of list.entries()) {
      const show = (share: number) => bar.update(i + share, { settings: options.settings });
      outcomes.push(await run(engine, options, signal, shown ? show : undefined));
    }
    return outcomes;
  } finally {
    if (shown) bar.stop();
  }
}
