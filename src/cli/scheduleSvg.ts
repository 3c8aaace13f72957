/** A schedule as a picture: an SVG, as text. */
import { greatest, least } from "../math/extremes.js";
import type { Schedule } from "../schedule/schedule.js";
import { wrapped } from "./terminal.js";

const WIDTH = 480;
const LEFT = 68;
const RIGHT = 22;
const WIDE = WIDTH - LEFT - RIGHT;
const HIGH = 200;
const LINE = 18;
/** Characters of the title that fit a line. */
const TITLE = 54;
const MOST_LINES = 3;
const MOST_TICKS = 5;

/**
 * Draws the values of a schedule over its steps, at a size that can be read on a telephone, on a ground of its own, light or
 * dark as the reader has it.
 */
export function scheduleSvg(schedule: Schedule, steps: number): string {
  const values = Array.from({ length: steps }, (_, t) => schedule(t));
  const [bottom, top] = [Math.min(0, least(values)), Math.max(0, greatest(values))];
  const ticks = between(bottom, top > bottom ? top : bottom + 1);
  const from = Math.min(bottom, ticks[0]);
  const to = Math.max(top, ticks[ticks.length - 1]);
  const title = titleOf(String(schedule));
  const above = 14 + LINE * title.length;
  const end = Math.max(1, steps - 1);
  const x = (t: number): string => round(LEFT + (WIDE * t) / end);
  const y = (value: number): string => round(above + HIGH * (1 - (value - from) / (to - from)));
  const text = (at: string, down: number, anchor: string, words: string) =>
    `<text x="${at}" y="${round(down)}" text-anchor="${anchor}">${escaped(words)}</text>`;
  const base = above + HIGH;
  const points = drawn(values).map(([t, value]) => `${x(t)} ${y(value)}`);
  // One step is a line, as it would be a point.
  const curve = steps === 1 ? `M${points[0]}h${WIDE}` : `M${points.join("L")}`;
  const height = base + 48;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="14">
<title>${escaped(String(schedule))}</title>
<style>.ground{fill:#fff}text{fill:#1c1c1c}.grid{stroke:#dcdcdc}.axis{stroke:#8a8a8a;fill:none}.curve{stroke:#0072b2;stroke-width:2.5;fill:none;stroke-linejoin:round}
@media (prefers-color-scheme:dark){.ground{fill:#15181c}text{fill:#ececec}.grid{stroke:#2f343b}.axis{stroke:#7d7d7d}.curve{stroke:#56b4e9}}</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
${title.map((line, i) => text(String(LEFT), 22 + LINE * i, "start", line)).join("\n")}
${ticks.map((v) => `<path class="grid" d="M${LEFT} ${y(v)}h${WIDE}"/>`).join("\n")}
<path class="axis" d="M${LEFT} ${above}V${base}H${LEFT + WIDE}"/>
<path class="curve" d="${curve}"/>
${ticks.map((v) => text(String(LEFT - 8), Number(y(v)) + 5, "end", brief(v))).join("\n")}
${between(0, end)
  .filter(Number.isInteger)
  .map((t) => text(x(t), base + 20, "middle", String(t)))
  .join("\n")}
${text(String(LEFT + WIDE), base + 40, "end", "step")}
</svg>
`;
}

/** The points to draw: of the steps that share a column of the picture the first, the lowest, the highest and the last. */
function drawn(values: readonly number[]): [t: number, value: number][] {
  const apart = Math.max(1, Math.ceil(values.length / WIDE));
  const kept: [number, number][] = [];
  for (let t = 0; t < values.length; t += apart) {
    const end = Math.min(values.length, t + apart);
    let [low, high] = [t, t];
    for (let i = t; i < end; i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    for (const i of [...new Set([t, low, high, end - 1])].sort((a, b) => a - b)) kept.push([i, values[i]]);
  }
  // Points on a level line between others add nothing.
  return kept.filter(([, v], i) => i === 0 || i === kept.length - 1 || kept[i - 1][1] !== v || kept[i + 1][1] !== v);
}

/** Round numbers from one end to the other. */
function between(from: number, to: number): number[] {
  const rough = (to - from) / MOST_TICKS;
  let unit = 1;
  while (unit > rough) unit /= 10;
  while (unit * 10 <= rough) unit *= 10;
  const by = [1, 2, 5, 10].map((times) => times * unit).find((each) => (to - from) / each <= MOST_TICKS) ?? 10 * unit;
  const first = Math.ceil(from / by - 1e-9);
  const count = Math.floor(to / by + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, k) => Number(((first + k) * by).toPrecision(6)) + 0);
}

function titleOf(words: string): string[] {
  const lines = wrapped(words, TITLE);
  return lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES - 1), `${lines[MOST_LINES - 1]} …`];
}

const round = (value: number): string => String(Number(value.toFixed(1)));
const brief = (value: number): string => {
  const size = Math.abs(value);
  const text = String(Number(value.toPrecision(4)));
  return size !== 0 && size < 1e-4 ? Number(value.toPrecision(4)).toExponential() : text;
};
const escaped = (words: string): string =>
  words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
