import { typeError } from "../../check.js";
import { short } from "../picture.js";

// Measures of the pictures of a model's loss: they are still read where a page is 360 pixels wide.
export const WIDTH = 508;
export const LEFT = 60;
export const TOP = 60;
export const MAP_WIDTH = 350;
/** Columns that a title fills. */
export const MOST_TITLE = 48;

/** A number beside an axis, where there is room for some seven characters. */
export function tick(x: number): string {
  if (x === 0 || (Math.abs(x) >= 1e-3 && Math.abs(x) < 1e5)) return short(x);
  return Number(x.toPrecision(3)).toExponential().replaceAll("-", "−").replace("+", "");
}

export function checkString(name: string, value: unknown): void {
  if (typeof value !== "string") throw typeError(name, "a string", value);
}
