import { greatest, least } from "../extremes.js";
import { writeFileAtomic } from "../node/atomicWrite.js";
import { points } from "../schedule/index.js";
import { command, option, parsed, text, UsageError } from "./args.js";
import { lossCurve } from "./chart.js";
import { print, printJson } from "./output.js";
import { checkWritable } from "./savedRun.js";
import { PIECES } from "./schedulePieces.js";
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

/** Points of the curve that --json prints and --svg draws. */
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
    await writeFileAtomic(values.svg, new TextEncoder().encode(svgOf(curve, String(schedule))));
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
const escaped = (words: string): string => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** The curve on axes, black on white or white on black as the reader has it. */
function svgOf(curve: readonly (readonly [number, number])[], title: string): string {
  const [left, top, wide, high] = [70, 40, 540, 240];
  const heights = curve.map(([, y]) => y);
  const most = Math.max(0, greatest(heights));
  const bottom = Math.min(0, least(heights));
  const end = Math.max(1, curve.at(-1)![0]);
  const x = (t: number) => (left + (wide * t) / end).toFixed(1);
  const y = (v: number) => (top + high * (1 - (v - bottom) / (most - bottom || 1))).toFixed(1);
  const path = curve.map(([t, v], i) => `${i === 0 ? "M" : "L"}${x(t)} ${y(v)}`).join("");
  const label = (at: string, down: number | string, anchor: string, words: string) =>
    `<text x="${at}" y="${down}" text-anchor="${anchor}">${escaped(words)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 330" role="img" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<style>svg{background:#fff;color:#222}@media(prefers-color-scheme:dark){svg{background:#111;color:#ddd}}text{fill:currentColor}path{fill:none;stroke:currentColor}.curve{stroke:#0072b2;stroke-width:2}@media(prefers-color-scheme:dark){.curve{stroke:#56b4e9}}</style>
${label(String(left), 24, "start", title.length > 80 ? `${title.slice(0, 79)}…` : title)}
<path d="M${left} ${top}V${top + high}H${left + wide}"/>
<path class="curve" d="${path}"/>
${[bottom, (bottom + most) / 2, most].map((v) => label(String(left - 8), Number(y(v)) + 4, "end", String(Number(v.toPrecision(3))))).join("\n")}
${[0, Math.round(end / 2), end].map((t) => label(x(t), top + high + 20, "middle", String(t))).join("\n")}
${label(String(left + wide), top + high + 40, "end", "step")}
</svg>
`;
}
