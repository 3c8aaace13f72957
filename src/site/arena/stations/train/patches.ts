/** Weights of the first layer, arranged to be looked at: units that look at pixels as pictures side by side. */
import type { Weights } from "../../figures/hinton.js";

/** The most units that are shown. */
const MOST = 24;
/** The most inputs: of more a square is less than two pixels wide. */
const MOST_INPUTS = 256;

/** Pictures in a row: those of these numbers that leaves the fewest places free at the end. */
function acrossOf(shown: number): number {
  const free = (across: number): number => (across - (shown % across)) % across;
  return Math.min(
    shown,
    [6, 5, 4].reduce((best, each) => (free(each) < free(best) ? each : best)),
  );
}

/**
 * The pictures of the first units as one matrix, a line of nothing between them.
 * @param weights those of the first layer: `units` for each pixel
 */
export function patches(weights: ArrayLike<number>, side: number, units: number): Weights {
  const shown = Math.min(units, MOST);
  const across = acrossOf(shown);
  const columns = across * (side + 1) - 1;
  const values = new Float32Array(columns * (Math.ceil(shown / across) * (side + 1) - 1));
  for (let unit = 0; unit < shown; unit++) {
    const corner = Math.floor(unit / across) * (side + 1) * columns + (unit % across) * (side + 1);
    for (let pixel = 0; pixel < side * side; pixel++)
      values[corner + Math.floor(pixel / side) * columns + (pixel % side)] = weights[pixel * units + unit];
  }
  const whose = shown === units ? `the ${units}` : `${shown} of ${units}`;
  return { name: `What ${whose} units look for, ${side} × ${side} pixels each`, values, columns };
}

/** The weights of the first units, a row for each. */
export function rowsOfUnits(weights: ArrayLike<number>, inputs: number, units: number): Weights {
  const [rows, columns] = [Math.min(units, MOST), Math.min(inputs, MOST_INPUTS)];
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => weights[(i % columns) * units + Math.floor(i / columns)],
  );
  const of = columns < inputs ? `${columns} of ` : "";
  return { name: `Weights: ${rows} of ${units} units by ${of}${inputs} inputs`, values, columns };
}
