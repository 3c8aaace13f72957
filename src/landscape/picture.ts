/** What the pictures of this room have in common: colours, text and axes, as parts of the text of an SVG file. */

/** Colours that people of all kinds of colour vision tell apart (Okabe & Ito, 2008), for a light and a dark ground. */
export const LIGHT = ["#0072b2", "#d55e00", "#007a59", "#a8417c", "#7a5c00", "#3a3a3a", "#2a6f97"];
export const DARK = ["#56b4e9", "#ff8f4a", "#35d0a5", "#f0a3cc", "#f0e442", "#d8d8d8", "#9fc5e8"];
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 4", "12 3", "9 3 2 3 2 3", "1 2"];

/** The head of a picture, up to its ground. It is as wide as its page, or as `shown` where that is narrower. */
export const opening = (width: number, height: number, title: string, css: string, shown?: number): string[] => [
  `<svg xmlns="http://www.w3.org/2000/svg"${shown === undefined ? "" : sized(shown, Math.round((shown * height) / width))} viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
  `<title>${escaped(title)}</title>`,
  css,
  `<rect class="ground" width="${width}" height="${height}"/>`,
];

const sized = (width: number, height: number): string =>
  ` width="${width}" height="${height}" style="max-width:100%;height:auto"`;

/** The style sheet of a picture with so many curves; `light` and `dark` are added to it for that theme. */
export function style(count: number, light = "", dark = ""): string {
  const colours = (palette: string[]): string =>
    Array.from({ length: count }, (_, i) => `.r${i}{--c:${palette[i % palette.length]}}`).join("");
  return `<style>
.ground{fill:#fff}text{fill:#1c1c1c}.quiet{fill:#5a5a5a}.axis{stroke:#8a8a8a;fill:none}.contour{stroke:#b9c2cc;fill:none}.grid{stroke:#e6e6e6}
.run{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.dot{fill:var(--c)}.mark{stroke:#1c1c1c;stroke-width:2;fill:none}
${colours(LIGHT)}${light}
@media (prefers-color-scheme:dark){.ground{fill:#15181c}text{fill:#ececec}.quiet{fill:#a8a8a8}.axis{stroke:#7d7d7d}.contour{stroke:#46505b}.grid{stroke:#2a2e34}.mark{stroke:#ececec}
${colours(DARK)}${dark}}
</style>`;
}

export const frame = (x: number, y: number, width: number, height: number): string =>
  `<rect class="axis" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
export const dash = (i: number): string =>
  DASHES[i % DASHES.length] === "" ? "" : ` stroke-dasharray="${DASHES[i % DASHES.length]}"`;
export const text = (x: number, y: number, words: string, attributes = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${attributes && ` ${attributes}`}>${escaped(words)}</text>`;
/** Control characters, half pairs and the two that are none may not stand in XML. */
export const escaped = (words: string): string =>
  words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "\ufffd");
/** A text of at most so many columns, of which characters of East Asian scripts and emoji take two, with … for the rest. */
export function clipped(words: string, columns: number): string {
  const columnsOf = (character: string): number => (/[\u1100-\u1fff\u2e80-\u{10ffff}]/u.test(character) ? 2 : 1);
  const ends: number[] = [];
  let sum = 0;
  const characters = Array.from(words);
  for (const character of characters) ends.push((sum += columnsOf(character)));
  return sum <= columns ? words : `${characters.filter((_, i) => ends[i] < columns).join("")}…`;
}
export const short = (x: number): string => String(Number(x.toPrecision(4))).replace("-", "−");
/** A coordinate of a point far off, which the picture is clipped before: renderers keep few digits. */
export const far = (x: number): number => Math.max(-1e4, Math.min(1e4, x));

/** At most six round numbers from one end to the other. */
export function ticks(from: number, to: number): number[] {
  let unit = 1;
  while (unit * 6 < to - from) unit *= 10;
  while (unit * 0.6 > to - from) unit /= 10;
  const by = [0.1, 0.2, 0.5, 1].map((share) => share * unit).find((each) => (to - from) / each <= 6) ?? unit;
  const first = Math.ceil(from / by - 1e-9);
  const count = Math.floor(to / by + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, k) => Number(((first + k) * by).toPrecision(6)) + 0);
}
