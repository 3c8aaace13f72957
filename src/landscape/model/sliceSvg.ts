import { checkKeys, rangeError, typeError } from "../../check.js";
import { checkLabels, curvesSvg, isNumbers } from "./curves.js";
import { checkString } from "./frame.js";
import type { LossSlice } from "./slices.js";

/** Options of {@link lossSliceSvg}. */
export interface SliceSvgOptions {
  /** Default "Loss along a line". */
  title?: string;
  /** A name for each slice. Default: its direction. */
  labels?: readonly string[];
}

/**
 * Losses along lines as a picture: a curve for each, with a logarithmic axis where they differ by a factor of 100 or more.
 * Where a loss is not finite, its curve has a gap, with a cross at the upper edge. Curves differ by colour, dash and label;
 * the colours follow the reader's light or dark theme. The text of an SVG file.
 *
 * Throws a TypeError for what is no slice, and a RangeError for labels that are not one for each.
 *
 * @example
 * const sharp = lossSlice(one, mse, { x, y: target });
 * const flat = lossSlice(other, mse, { x, y: target });
 * writeFileSync("slices.svg", lossSliceSvg([sharp, flat], { labels: ["batch 8", "batch 256"] }));
 */
export function lossSliceSvg(slices: LossSlice | readonly LossSlice[], options: SliceSvgOptions = {}): string {
  const all = (Array.isArray(slices) ? slices : [slices]) as readonly LossSlice[];
  if (all.length === 0) throw rangeError("slices", "at least one", slices);
  for (const slice of all) checkSlice(slice);
  checkKeys("lossSliceSvg", options, ["title", "labels"]);
  const { title = "Loss along a line", labels = all.map(({ direction }) => direction) } = options;
  checkString("title", title);
  checkLabels(labels, all.length, "slice");
  const curves = all.map(({ alphas, losses }, i) => ({ xs: alphas, ys: losses, label: labels[i] }));
  return curvesSvg(title, "α", "loss", curves);
}

function checkSlice(slice: unknown): void {
  const given = slice as LossSlice | null;
  const whole = typeof given === "object" && given !== null && isNumbers(given.alphas) && isNumbers(given.losses);
  if (!whole) throw typeError("slices", "what lossSlice returns, or an array of them", slice);
  if (given.losses.length !== given.alphas.length || given.alphas.length < 2)
    throw rangeError("slices", "a loss for each of two or more alphas", given.losses);
}
