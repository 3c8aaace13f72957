/** Pictures of pages as small files: PNG with a palette of 256 colours, where a screenshot has three bytes for each pixel. */
import { crc32, deflateSync, inflateSync } from "node:zlib";

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Three bytes for each pixel. */
  readonly rgb: Uint8Array;
}

/** What a browser writes, 8-bit RGB without interlacing, as pixels. */
export function pixelsOf(png: Buffer): Pixels {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, kind, interlaced] = [png[24], png[25], png[28]];
  if (depth !== 8 || kind !== 2 || interlaced !== 0) throw new Error(`expected 8-bit RGB, got type ${kind}`);
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const data = inflateSync(Buffer.concat(parts));
  const row = 3 * width;
  const rgb = new Uint8Array(row * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const left = x < 3 ? 0 : rgb[y * row + x - 3];
      const up = y === 0 ? 0 : rgb[(y - 1) * row + x];
      const corner = x < 3 || y === 0 ? 0 : rgb[(y - 1) * row + x - 3];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      rgb[y * row + x] = data[y * (row + 1) + 1 + x] + guess;
    }
  }
  return { width, height, rgb };
}

/** The neighbour that is nearest to left + up − corner (PNG, third edition, section 9.4). */
function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [left, up, corner].map((each) => Math.abs(left + up - corner - each));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

type Counted = readonly [colour: number, count: number];
const channel = (colour: number, k: number): number => (colour >> (16 - 8 * k)) & 255;

interface Box {
  readonly colours: Counted[];
  /** Which is cut next: a wide one, and of the wide ones one that many pixels have. */
  readonly rank: number;
  /** The channel in which it is widest. */
  readonly axis: number;
}

/** Cuts the colours at medians into 256 boxes (Heckbert, 1982); a box has the colour that is most frequent in it. */
function paletteOf(counts: ReadonlyMap<number, number>): { palette: number[]; places: Map<number, number> } {
  const boxes: Box[] = [boxOf([...counts])];
  while (boxes.length < 256) {
    const widest = boxes.reduce((best, each, i) => (each.rank > boxes[best].rank ? i : best), 0);
    const { colours, rank, axis } = boxes[widest];
    if (rank <= 0) break;
    colours.sort(([a], [b]) => channel(a, axis) - channel(b, axis));
    // By the root of the count: a ground of one colour would else leave the rest too few.
    const weights = colours.map(([, count]) => Math.sqrt(count));
    const half = weights.reduce((sum, each) => sum + each, 0) / 2;
    let [cut, sum] = [0, 0];
    while (cut < colours.length - 1 && sum + weights[cut] <= half) sum += weights[cut++];
    cut = Math.max(1, cut);
    boxes.splice(widest, 1, boxOf(colours.slice(0, cut)), boxOf(colours.slice(cut)));
  }
  const places = new Map<number, number>();
  const palette = boxes.map(({ colours }, place) => {
    for (const [colour] of colours) places.set(colour, place);
    return colours.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
  });
  return { palette, places };
}

function boxOf(colours: Counted[]): Box {
  const spans = [0, 1, 2].map((k) => {
    let [low, high] = [255, 0];
    for (const [colour] of colours) {
      low = Math.min(low, channel(colour, k));
      high = Math.max(high, channel(colour, k));
    }
    return high - low;
  });
  const wide = Math.max(spans[0], spans[1], spans[2]);
  const pixels = colours.reduce((sum, [, count]) => sum + count, 0);
  return { colours, rank: wide * pixels ** 0.25, axis: spans.indexOf(wide) };
}

/** The same picture with 256 colours. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, rgb } = pixelsOf(png);
  const colourAt = (i: number): number => (rgb[3 * i] << 16) | (rgb[3 * i + 1] << 8) | rgb[3 * i + 2];
  const counts = new Map<number, number>();
  for (let i = 0; i < width * height; i++) counts.set(colourAt(i), (counts.get(colourAt(i)) ?? 0) + 1);
  const { palette, places } = paletteOf(counts);
  const lines = Buffer.alloc((width + 1) * height); // each begins with its filter, none
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = places.get(colourAt(y * width + x))!;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [0, 1, 2].map((k) => channel(colour, k))));
  return Buffer.concat([
    png.subarray(0, 8),
    chunk("IHDR", head),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
