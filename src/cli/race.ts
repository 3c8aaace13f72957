import { isArgumentError, quoted } from "../check.js";
import { type Landscape, landscapes, type Race, type Run, race, raceSvg, rateGrid } from "../landscape/index.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import {
  asUsageError,
  choice,
  command,
  hint,
  number,
  numberIn,
  option,
  parsed,
  spelt,
  text,
  UsageError,
  whole,
} from "./args.js";
import { columned } from "./columns.js";
import { optimizerName } from "./optimizerName.js";
import { print, printJson } from "./output.js";
import { checkWritable } from "./savedRun.js";
import { columns, textColumns, wrapped } from "./terminal.js";

interface Values {
  optimizers: string[];
  lr?: number;
  sweep?: "lr";
  steps: number;
  start?: number[];
  seed?: number;
  svg?: string;
  json?: true;
}

const NAMES = Object.keys(landscapes);
const SWEPT = [1e-4, 100, 20] as const;
const BARS = "▁▂▃▄▅▆▇█";
const SPARKS = 16;
/** Losses above the minimum that are drawn as the lowest bar. */
const LEAST = 1e-9;

/** Who runs by default: gradient descent, its two forms with momentum, and Adam. */
const RUNNERS = ["sgd", "momentum", "nag", "adam"];

/** The command with its options. */
export function raceCommand() {
  return command(
    "race",
    "lets optimizers descend a surface, and ranks them",
    "SURFACE [options]",
    `
Surfaces: ${NAMES.join(", ")}.

Without --lr and --sweep each optimizer has the default rate of the library that it follows. With --lr all have one rate.
With --sweep lr each has the best of the same ${rateGrid(...SWEPT).length} rates, from ${SWEPT[0]} to ${SWEPT[1]}, judged by the last loss.

Examples:
  thalweg race ravine --lr 0.03
  thalweg race ravine --sweep lr --optimizers sgd,adam,lion
  thalweg race rosenbrock --start -1.5,1.5 --lr 0.001 --svg race.svg`,
  )
    .addOption(
      option("--optimizers <names>", `who runs, between commas (default: ${RUNNERS.join(",")})`, optimizerNames),
    )
    .addOption(
      option(
        "--lr <x>",
        "one learning rate for all (not with --sweep)",
        numberIn("a number > 0", (x) => x > 0),
      ),
    )
    .addOption(option("--sweep <what>", "find the best learning rate of each: lr", choice(["lr"])))
    .addOption(option("--steps <n>", "how many steps each may take", whole(), 200))
    .addOption(
      option(
        "--start <x,y>",
        "where all start (default: a tenth of the way along x, seven tenths along y)",
        coordinates,
      ),
    )
    .addOption(option("--seed <n>", "seed of the noise, on a surface that has some", whole(Number.MIN_SAFE_INTEGER)))
    .addOption(option("--svg <file>", "write the paths and losses as a picture", text))
    .option("--json", "print one JSON object on one line");
}

/** `thalweg race`: prints a ranking with the losses as sparklines. */
export async function raceSurface(args: string[]): Promise<void> {
  const call = parsed<Partial<Values> & Pick<Values, "steps">>(raceCommand(), args);
  if (call === undefined) return;
  const { optimizers = RUNNERS, lr, sweep, steps, seed, svg, json } = call.values;
  const [name, ...rest] = call.words;
  if (name === undefined) throw new UsageError("expected a surface, as in: thalweg race ravine, got none");
  if (rest.length > 0) throw new UsageError(`expected one surface, got ${quoted(rest[0])} as well`);
  if (lr !== undefined && sweep !== undefined) throw new UsageError("expected --lr or --sweep, got both");
  const surface = surfaceOf(name);
  const start = call.values.start ?? surface.domain.map(([from, to], i) => from + (to - from) * (i === 0 ? 0.1 : 0.7));
  const rates = lr ?? (sweep === undefined ? "defaults" : rateGrid(...SWEPT));
  if (svg !== undefined) await checkWritable(svg);
  let result: Race;
  try {
    result = await race(surface, optimizers, { start, steps, rates, ...(seed !== undefined && { seed }) });
  } catch (error) {
    const flag = isArgumentError(error) && /^(start|runners)\[/.exec(error.argument)?.[1];
    if (!flag) throw asUsageError(error);
    throw new UsageError(`--${flag === "start" ? "start" : "optimizers"}: ${error.problem}`);
  }
  if (svg !== undefined) await writeFileAtomic(svg, new TextEncoder().encode(raceSvg(surface, result)));
  if (json) printJson(result);
  else print([...ranking(surface, result), ...(svg === undefined ? [] : ["", `${svg}: the picture`])]);
}

function surfaceOf(name: string): Landscape {
  const found = spelt(name, NAMES);
  if (found !== undefined) return landscapes[found as keyof typeof landscapes];
  const meant = hint(name, NAMES) || `; expected one of ${NAMES.join(", ")}`;
  throw new UsageError(`expected a surface, got ${quoted(name)}${meant}`);
}

function optimizerNames(name: string, list: string): string[] {
  const names = list.split(",").map((each) => optimizerName(name, each.trim()));
  const twice = names.find((each, i) => names.indexOf(each) < i);
  if (twice !== undefined) throw new UsageError(`${name}: expected each optimizer once, got ${twice} twice`);
  return names;
}

const coordinates = (name: string, list: string): number[] => list.split(",").map((each) => number(name, each));

function ranking(surface: Landscape, result: Race): string[] {
  const { mode, rates, start, steps, tolerance, ranking } = result;
  const swept = ranking.some(({ sweep }) => sweep !== undefined);
  const how =
    typeof rates === "number" ? `${mode}, ${rates}` : Array.isArray(rates) ? `${mode}, ${rates.length} rates` : mode;
  const heights = heightsOf(surface, ranking);
  const rows = ranking.map((run, i) => [
    run.label,
    run.lr === undefined ? "" : short(run.lr),
    short(run.losses[run.losses.length - 1]),
    sparkline(heights[i]),
    ...(swept ? [(run.decades ?? 0).toFixed(2)] : []),
    run.summary,
  ]);
  const head = ["optimizer", "lr", "last f", "f by step", ...(swept ? ["decades"] : []), "outcome"];
  const about = `${surface.name}: f = ${surface.formula}, from (${start.map(short).join(", ")}), ${steps} step${steps === 1 ? "" : "s"}. Rates: ${how}.`;
  const notes = [
    ...(surface.minima.length > 0
      ? [`Reached: f is within ${tolerance} of the lowest, ${short(surface.minima[0].value)}.`]
      : ["Escaped: out of the domain; the surface has no lowest point."]),
    ...(swept ? ["Decades: the range of learning rates that ended within that."] : []),
  ];
  return [
    ...wrapped(about, textColumns()),
    "",
    ...columned(head, rows, { right: [1, 2, ...(swept ? [4] : [])], within: columns() }),
    ...(notes.length > 0 ? ["", ...wrapped(notes.join(" "), textColumns())] : []),
  ];
}

/** The losses of each run, by their logarithms where there is a lowest point, as shares of the range of all. */
function heightsOf({ minima }: Landscape, runs: readonly Run[]): number[][] {
  const least = minima[0]?.value;
  const height = (loss: number): number => (least === undefined ? loss : Math.log10(Math.max(LEAST, loss - least)));
  const all = runs.map(({ losses }) => losses.map(height));
  const from = all.flat().reduce((a, b) => Math.min(a, b));
  const to = all.flat().reduce((a, b) => Math.max(a, b));
  return all.map((run) => run.map((each) => (to > from ? (each - from) / (to - from) : 0)));
}

function sparkline(heights: readonly number[]): string {
  const count = Math.min(SPARKS, heights.length);
  return Array.from({ length: count }, (_, k) => {
    const height = heights[Math.round((k * (heights.length - 1)) / Math.max(1, count - 1))];
    return BARS[Math.min(BARS.length - 1, Math.floor(height * BARS.length))];
  }).join("");
}

const short = (x: number): string =>
  Math.abs(x) < 1e6 ? String(Number(x.toPrecision(3))) : x.toExponential(2).replace("+", "");
