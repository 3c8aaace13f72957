import { checkKeys, rangeError, typeError } from "../../check.js";
import { greatest } from "../../math/extremes.js";
import { checkLabels, curvesSvg, isNumbers } from "./curves.js";
import type { SpectralDensity } from "./density.js";
import { checkString } from "./frame.js";

/** Options of {@link spectralDensitySvg}. */
export interface DensitySvgOptions {
  /** Default "Eigenvalues of the Hessian". */
  title?: string;
  /** A name for each density. Default: its trace. */
  labels?: readonly string[];
}

/** The least density beside the greatest that is drawn: between eigenvalues there is none, which has no logarithm. */
const DEPTH = 1e-6;

/**
 * Spectral densities as a picture: a curve for each, by its logarithm, as most eigenvalues of a network lie near 0. The
 * colours follow the reader's light or dark theme. The text of an SVG file.
 *
 * Throws a TypeError for what is no density, and a RangeError for labels that are not one for each.
 *
 * @example
 * const density = hessianSpectralDensity(model, mse, { x, y: target });
 * writeFileSync("spectrum.svg", spectralDensitySvg(density));
 */
export function spectralDensitySvg(
  densities: SpectralDensity | readonly SpectralDensity[],
  options: DensitySvgOptions = {},
): string {
  const all = (Array.isArray(densities) ? densities : [densities]) as readonly SpectralDensity[];
  if (all.length === 0) throw rangeError("densities", "at least one", densities);
  for (const density of all) checkDensity(density);
  checkKeys("spectralDensitySvg", options, ["title", "labels"]);
  const { title = "Eigenvalues of the Hessian" } = options;
  const { labels = all.map(({ trace }) => `trace ${Number(trace.toPrecision(4))}`.replace("-", "−")) } = options;
  checkString("title", title);
  checkLabels(labels, all.length, "density");
  const floor = DEPTH * greatest(all.flatMap((density) => density.densities));
  const curves = all.map((density, i) => ({
    xs: density.values,
    ys: density.densities.map((height) => Math.max(height, floor)),
    label: labels[i],
  }));
  return curvesSvg(title, "λ", "density", curves);
}

function checkDensity(density: unknown): void {
  const given = density as SpectralDensity | null;
  const whole = typeof given === "object" && given !== null && isNumbers(given.values) && isNumbers(given.densities);
  if (!whole) throw typeError("densities", "what hessianSpectralDensity returns, or an array of them", density);
  if (given.values.length !== given.densities.length || given.values.length < 2)
    throw rangeError("densities", "a density for each of two or more values", given.densities);
}
