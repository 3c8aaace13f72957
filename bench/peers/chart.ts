/**
 * The contest on one thread as a picture: for each piece of work, how many times Thalweg's time each peer takes. A file
 * of its own may be shown on a light page and on a dark one: no ground of its own, and colours that stand on both.
 */

import { scaleLog, scaleOrdinal } from "d3-scale";
import { greatest, least } from "../../src/math/extremes.js";
import type { PeerResults, Row, Section } from "../peerTables.js";

/** What is shown of each section: the table has all. */
const SHOWN: [Section, string, RegExp][] = [
  ["training", "Training steps, widths ×batch", /./],
  ["digits", "Time to accuracy", /./],
  ["optimizers", "Optimizer steps, parameters", /^(sgd|adam) /],
  ["products", "Products, m×k×n", /^(64³|512³|1024³|128×784×512|1×)/],
];

const GREY = "#7a7f87"; // 4 : 1 against white and against GitHub's dark ground
const COLOURS = ["#e8710a", "#1e9e6a", "#3b82f6", "#c04fd0", "#d9455f", "#a08000"];
const WIDTH = 760;
const LEFT = 172;
const RIGHT = 24;
const LINE = 18;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`;

export function chart({ host, contests }: PeerResults): string {
  const { sections, ours } = contests.find(({ threads }) => threads === 1) ?? contests[0]!;
  const panels = SHOWN.map(([section, title, shown]) => ({
    title,
    rows: (sections[section] ?? []).filter(({ work }) => shown.test(work)),
  })).filter(({ rows }) => rows.length > 0);
  const all = panels.flatMap(({ rows }) => rows.flatMap(({ peers }) => Object.entries(peers)));
  const peers = [...new Set(all.map(([name]) => name))];
  const colour = scaleOrdinal<string, string>(peers, COLOURS);
  const ratios = all.map(([, { ratio }]) => ratio);
  const x = scaleLog([least([0.5, ...ratios]) / 1.15, greatest([10, ...ratios]) * 1.15], [LEFT, WIDTH - RIGHT]);

  const parts = [text(8, 20, "Time over Thalweg's, one thread", 'class="title"')];
  let at = 8;
  for (const peer of peers) {
    parts.push(`<circle cx="${at + 5}" cy="37" r="5" fill="${colour(peer)}"/>`, text(at + 15, 41, peer));
    at += 30 + 6.4 * peer.length;
  }
  let y = 66;
  const top = y - 4;
  const marks: string[] = [];
  for (const { title, rows } of panels) {
    marks.push(text(8, y + 10, title, 'class="title"'));
    y += 1.8 * LINE;
    for (const row of rows) {
      for (const mark of line(row, y)) marks.push(mark);
      y += LINE;
    }
    y += 0.5 * LINE;
  }
  for (const tick of x.ticks().filter((value) => Number.isInteger(Math.log10(value)))) {
    const at = x(tick).toFixed(1);
    const own = tick === 1 ? ' class="own"' : ' class="grid"';
    parts.push(`<line x1="${at}" x2="${at}" y1="${top}" y2="${y}"${own}/>`);
    parts.push(text(x(tick), y + 14, tick === 1 ? "1×, Thalweg" : `${tick}×`, 'text-anchor="middle"'));
  }
  for (const mark of marks) parts.push(mark);
  parts.push(text(8, y + 34, `${host.runtime}, ${host.cpu}, ${ours.simd} SIMD. Right of the line Thalweg is faster.`));
  const height = y + 44;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>How many times Thalweg's time its peers take</title>
<style>
text { font: 12px system-ui, sans-serif; fill: ${GREY} }
.title { font-weight: 600; font-size: 13px }
.grid { stroke: ${GREY}; stroke-opacity: 0.35 }
.own { stroke: ${GREY}; stroke-width: 2 }
.row { stroke: ${GREY}; stroke-opacity: 0.2 }
</style>
${parts.join("\n")}
</svg>
`;

  function line({ work, peers }: Row, y: number): string[] {
    const middle = y - 4;
    return [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${middle}" y2="${middle}" class="row"/>`,
      text(LEFT - 8, y, work, 'text-anchor="end"'),
      ...Object.entries(peers).map(
        ([name, { ratio }]) =>
          `<circle cx="${x(ratio).toFixed(1)}" cy="${middle}" r="5" fill="${colour(name)}" fill-opacity="0.9"><title>${escaped(name)}: ${ratio.toPrecision(2)}×</title></circle>`,
      ),
    ];
  }
}
