import { writeFileAtomic } from "../node/atomicWrite.js";
import { points } from "../schedule/index.js";
import { command, option, parsed, text, UsageError } from "./args.js";
import { lossCurve } from "./chart.js";
import { print, printJson } from "./output.js";
import { checkWritable } from "./savedRun.js";
import { PIECES } from "./schedulePieces.js";
import { scheduleSvg } from "./scheduleSvg.js";
import { readSchedule } from "./scheduleText.js";
import { columns, wrapped } from "./terminal.js";

interface Values {
  svg?: string;
  json?: true;
}

/** The command with its options. */
export function scheduleCommand() {
  return command(
    "schedule",
    "draws a schedule of a learning rate",
    '"PARTS" [options]',
    `
PARTS stand with commas between them, and follow one another. A part is a name, its value, and "over" with its steps;
then what it has besides, by name. "warmup N" before a part rises to its first value in N steps more.

${Object.values(PIECES)
  .map(({ example }) => example)
  .join("; ")}

Examples:
  thalweg schedule "warmup 100, cosine 1e-3 over 1000"
  thalweg schedule "constant 0.1 over 50, linear 0.1 over 50" --svg lr.svg`,
  )
    .addOption(option("--svg <file>", "write the curve as a picture", text))
    .option("--json", "print one JSON object on one line");
}

/** Points of the curve that --json prints. */
const POINTS = 400;

/** `thalweg schedule`. */
export async function drawSchedule(args: string[]): Promise<void> {
  const call = parsed<Values>(scheduleCommand(), args);
  if (call === undefined) return;
  const { values, words } = call;
  if (words.length === 0) throw new UsageError('expected a schedule, such as "cosine 1e-3 over 1000", got none');
  const { schedule, steps } = readSchedule(words.join(" "));
  if (values.svg !== undefined) await checkWritable(values.svg);
  let [peak, at] = [schedule(0), 0];
  for (let t = 1; t < steps; t++) if (schedule(t) > peak) [peak, at] = [schedule(t), t];
  const [first, last] = [schedule(0), schedule(steps - 1)];
  const curve = points(schedule, { steps, count: POINTS });
  if (values.svg !== undefined)
    await writeFileAtomic(values.svg, new TextEncoder().encode(scheduleSvg(schedule, steps)));
  if (values.json) {
    printJson({ schedule: String(schedule), steps, first, peak, peakStep: at, last, points: curve });
    return;
  }
  const all = Array.from({ length: steps }, (_, t) => schedule(t));
  print([
    ...wrapped(String(schedule), columns()),
    "",
    ...lossCurve({ losses: all }, 0, { title: `Value at each of ${steps} steps`, xLabel: "step" }),
    "",
    `first ${brief(first)}   peak ${brief(peak)} at step ${at}   last ${brief(last)}`,
    ...(values.svg === undefined ? [] : ["", `${values.svg}: written`]),
  ]);
}

const brief = (x: number): string => String(Number(x.toPrecision(6)));
