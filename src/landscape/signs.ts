import { cosPi, sinPi } from "../math/f64.js";
import { random } from "../math/random.js";
import type { Landscape } from "./landscape.js";
import { width } from "./refine.js";

/** What the values around a point say. */
export interface Signs {
  readonly shape: "minimum" | "maximum" | "saddle" | "flat";
  /** In two variables: changes between above and below on a circle; 2 on a slope, 4 on a saddle, 6 on a monkey's. */
  readonly signChanges?: number;
}

/** Not a multiple of what the surfaces' symmetries divide a circle into. */
const DIRECTIONS = 127;

/** Compares values at a thousandth of the domain's width around a point with the value there. */
export function signsAround(landscape: Landscape, point: readonly number[]): Signs {
  const { evaluator, dims } = landscape;
  const radius = width(landscape) / 1000;
  const centre = evaluator.value(point);
  const signs = directions(dims).map((unit) =>
    Math.sign(evaluator.value(point.map((each, i) => each + radius * unit[i])) - centre),
  );
  const up = signs.some((sign) => sign > 0);
  const down = signs.some((sign) => sign < 0);
  const shape = up && down ? "saddle" : up ? "minimum" : down ? "maximum" : "flat";
  if (dims !== 2) return { shape };
  const around = signs.filter((sign) => sign !== 0);
  return { shape, signChanges: around.filter((sign, i) => sign !== around.at(i - 1)).length };
}

function directions(dims: number): number[][] {
  if (dims === 1) return [[1], [-1]];
  if (dims === 2) {
    return Array.from({ length: DIRECTIONS }, (_, k) => {
      const half = (2 * k + 0.3) / DIRECTIONS;
      return [cosPi(half), sinPi(half)];
    });
  }
  const drawn = random(1);
  return Array.from({ length: 50 * dims }, () => {
    const vector = Array.from({ length: dims }, () => drawn.normal());
    const length = Math.sqrt(vector.reduce((total, each) => total + each * each, 0));
    return vector.map((each) => each / length);
  });
}
