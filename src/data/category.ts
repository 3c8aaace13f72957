import { plainNumber } from "./numbers.js";
import { type DecimalSign, numberIn } from "./table.js";

/** Orders values: numbers first, by size, then names by code units, which are the same in every locale. */
export function inOrder(values: Iterable<string>): string[] {
  const keyed = Array.from(values, (value) => ({ value, number: numberIn(value) }));
  keyed.sort((a, b) => {
    const numbers = Number(Number.isNaN(a.number)) - Number(Number.isNaN(b.number));
    if (numbers !== 0) return numbers;
    if (a.number !== b.number && !Number.isNaN(a.number)) return a.number - b.number;
    return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  });
  return keyed.map(({ value }) => value);
}

/**
 * Finds values by their text; else by their number, as 1.0 may be written for 1; else true and false by any
 * capitalisation, as True may be for true. What matches two values matches none.
 */
export class Lookup {
  readonly #texts: Map<string, number>;
  readonly #others = new Map<number | string, number>();

  constructor(values: readonly string[]) {
    this.#texts = new Map(values.map((value, i) => [value, i]));
    values.forEach((value, i) => {
      const key = keyOf(value);
      if (key !== undefined) this.#others.set(key, this.#others.has(key) ? -1 : i);
    });
  }

  /** The index of the value, -1 if there is none. */
  find(cell: string, decimal?: DecimalSign): number {
    const exact = this.#texts.get(cell);
    if (exact !== undefined) return exact;
    const key = keyOf(cell, decimal);
    return key === undefined ? -1 : (this.#others.get(key) ?? -1);
  }
}

function keyOf(cell: string, decimal?: DecimalSign): number | string | undefined {
  const number = plainNumber(cell, decimal);
  if (!Number.isNaN(number)) return number;
  return /^(true|false)$/i.test(cell) ? cell.toLowerCase() : undefined;
}
