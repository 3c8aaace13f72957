import { short, ticks } from "../../landscape/picture.js";
import { greatest, least } from "../../math/extremes.js";
import { exp, log } from "../../math/f64.js";
import type { Dimension } from "../space.js";
import type { Json } from "../trial.js";

/** A way from values to places between 0 and 1, with the places that are marked. */
export interface Axis {
  name: string;
  /** undefined for a value that has no place on it. */
  place(value: Json | undefined): number | undefined;
  marks: readonly { at: number; label: string }[];
}

/** Numbers over such a ratio are told apart by their logarithms. */
const WIDE = 50;
/** The longest label, in characters. */
const LONGEST = 14;
const MOST_MARKS = 12;

export const clip = (label: string, longest = LONGEST): string =>
  label.length > longest ? `${label.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, "")}…` : label;

export const label = (value: Json | undefined, longest = LONGEST): string =>
  typeof value === "number" ? short(value) : clip(typeof value === "string" ? value : JSON.stringify(value), longest);

/** The axis of a setting: its numbers, or the values of its list with equal distances. */
export function axisOf(name: string, dimension: Dimension): Axis {
  if (!Array.isArray(dimension)) {
    const { from, to, scale } = dimension as Exclude<Dimension, readonly Json[]>;
    return numberAxis(name, [from, to], scale === "log");
  }
  const list = dimension as readonly Json[];
  if (list.length > 2 && list.every((value) => typeof value === "number")) return numberAxis(name, list as number[]);
  const places = new Map(list.map((value, i) => [JSON.stringify(value), (i + 0.5) / list.length]));
  const by = Math.ceil(list.length / MOST_MARKS);
  return {
    name,
    place: (value) => (value === undefined ? undefined : places.get(JSON.stringify(value))),
    marks: list
      .map((value, i) => ({ at: (i + 0.5) / list.length, label: label(value) }))
      .filter((_, i) => i % by === 0),
  };
}

/** The axis of numbers between the least and the greatest of some. */
export function numberAxis(name: string, values: readonly number[], logarithmic?: boolean): Axis {
  const [low, high] = values.length === 0 ? [0, 1] : [least(values), greatest(values)];
  const wide = low > 0 && (logarithmic ?? high / low > WIDE);
  const scale = (x: number): number => (wide ? log(x) / Math.LN10 : x);
  const [from, to] = low === high ? [scale(low) - 0.5, scale(low) + 0.5] : [scale(low), scale(high)];
  const at = (x: number): number => (scale(x) - from) / (to - from);
  const marks = wide ? decades(from, to) : ticks(from, to);
  return {
    name,
    place: (value) => (typeof value === "number" && (!wide || value > 0) ? clamped(at(value)) : undefined),
    marks: marks.map((value) => ({ at: at(value), label: short(value) })),
  };
}

const clamped = (x: number): number => Math.max(0, Math.min(1, x));

/** Powers of ten, or between few of them the numbers 1, 2 and 5 of each, or the ends. */
function decades(from: number, to: number): number[] {
  const by = Math.max(1, Math.ceil((to - from) / 6));
  const few = to - from < 2 ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let k = Math.floor(from); k <= to; k += by)
    for (const m of few) {
      const exponent = k + log(m) / Math.LN10;
      if (exponent > from - 1e-9 && exponent < to + 1e-9) found.push(Number(`${m}e${k}`));
    }
  return found.length > 1 ? found : [from, to].map((x) => Number(exp(x * Math.LN10).toPrecision(2)));
}
