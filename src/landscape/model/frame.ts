import { typeError } from "../../check.js";

// Measures of the pictures of a model's loss: they are still read where a page is 360 pixels wide.
export const WIDTH = 508;
export const LEFT = 60;
export const TOP = 60;
export const MAP_WIDTH = 350;

export function checkString(name: string, value: unknown): void {
  if (typeof value !== "string") throw typeError(name, "a string", value);
}
