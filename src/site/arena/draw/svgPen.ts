import { FONT, type Pen, type Stroke, TEXT_SIZE, type Words } from "./pen.js";

const short = (x: number): string => String(Number(Math.max(-1e5, Math.min(1e5, x)).toFixed(1)));
const escaped = (words: string): string =>
  words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll('"', "&quot;")
    .replace(/\p{Cc}/gu, "\ufffd");

function strokeOf({ colour, width, dash }: Stroke): string {
  const dashes = dash === undefined || dash.length === 0 ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
  return `stroke="${colour}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"${dashes}`;
}

/** A pen that writes the elements of an SVG file. */
export class SvgPen implements Pen {
  readonly #elements: string[] = [];
  #clips = 0;

  line(points: readonly number[], stroke: Stroke): void {
    if (points.length < 4) return;
    this.#elements.push(`<polyline points="${points.map(short).join(" ")}" fill="none" ${strokeOf(stroke)}/>`);
  }

  segments(ends: readonly number[], stroke: Stroke): void {
    let d = "";
    for (let i = 0; i + 3 < ends.length; i += 4)
      d += `M${short(ends[i])} ${short(ends[i + 1])}L${short(ends[i + 2])} ${short(ends[i + 3])}`;
    if (d !== "") this.#elements.push(`<path d="${d}" fill="none" ${strokeOf(stroke)}/>`);
  }

  area(points: readonly number[], colour: string, opacity = 1): void {
    const faint = opacity === 1 ? "" : ` fill-opacity="${opacity}"`;
    this.#elements.push(`<polygon points="${points.map(short).join(" ")}" fill="${colour}"${faint}/>`);
  }

  disc(x: number, y: number, radius: number, fill: string | undefined, stroke?: Stroke): void {
    const line = stroke ? ` ${strokeOf(stroke)}` : "";
    this.#elements.push(
      `<circle cx="${short(x)}" cy="${short(y)}" r="${short(radius)}" fill="${fill ?? "none"}"${line}/>`,
    );
  }

  text(x: number, y: number, words: string, { colour, size = TEXT_SIZE, anchor = "start", bold, halo }: Words): void {
    const weight = bold ? ' font-weight="600"' : "";
    const around =
      halo === undefined ? "" : ` stroke="${halo}" stroke-width="3.5" paint-order="stroke" stroke-linejoin="round"`;
    this.#elements.push(
      `<text x="${short(x)}" y="${short(y)}" font-size="${size}" text-anchor="${anchor}" fill="${colour}"${weight}${around}>${escaped(words)}</text>`,
    );
  }

  within(x: number, y: number, width: number, height: number, draw: () => void): void {
    const id = `clip${++this.#clips}-${short(x)}-${short(y)}`;
    const rect = `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"/>`;
    this.#elements.push(`<clipPath id="${id}">${rect}</clipPath><g clip-path="url(#${id})">`);
    draw();
    this.#elements.push("</g>");
  }

  /** The file: title and description are read by screen readers and name where the picture is from. */
  file(width: number, height: number, ground: string, title: string, description: string): string {
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${short(width)} ${short(height)}" role="img" font-family="${escaped(FONT)}">`,
      `<title>${escaped(title)}</title>`,
      `<desc>${escaped(description)}</desc>`,
      `<rect width="${short(width)}" height="${short(height)}" fill="${ground}"/>`,
      ...this.#elements,
      "</svg>",
      "",
    ].join("\n");
  }
}
