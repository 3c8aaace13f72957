/** The digits of test/data/digits, their features standardised by the training rows, as the trials of optimizers use them. */
import { readFileSync } from "node:fs";

export interface Digits {
  x: Float32Array;
  y: Int32Array;
  rows: number;
}

const PIXELS = 64;

function read(name: string): { values: Float64Array; y: Int32Array; rows: number } {
  const text = readFileSync(new URL(`../../test/data/digits/${name}.csv`, import.meta.url), "utf8");
  const table = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  return {
    values: Float64Array.from(table.flatMap((row) => row.slice(0, PIXELS))),
    y: Int32Array.from(table, (row) => row[PIXELS]!),
    rows: table.length,
  };
}

/** Training and test rows; a pixel that never changes becomes 0. */
export function digits(): { train: Digits; test: Digits } {
  const [train, test] = [read("train"), read("test")];
  const mean = new Float64Array(PIXELS);
  const deviation = new Float64Array(PIXELS);
  const { values, rows } = train;
  for (let i = 0; i < values.length; i++) mean[i % PIXELS]! += values[i]! / rows;
  for (let i = 0; i < values.length; i++) deviation[i % PIXELS]! += (values[i]! - mean[i % PIXELS]!) ** 2 / rows;
  const standardised = (raw: Float64Array) =>
    Float32Array.from(raw, (value, i) => (value - mean[i % PIXELS]!) / (Math.sqrt(deviation[i % PIXELS]!) || 1));
  return {
    train: { x: standardised(train.values), y: train.y, rows: train.rows },
    test: { x: standardised(test.values), y: test.y, rows: test.rows },
  };
}

/** The first rows of a shuffled copy for one part, the others for the other: a validation share to pick settings by. */
export function divided({ x, y, rows }: Digits, first: number, seed: number): [Digits, Digits] {
  const order = Array.from({ length: rows }, (_, i) => i);
  let state = seed >>> 0;
  for (let i = rows - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const part = (which: number[]): Digits => ({
    x: Float32Array.from(which.flatMap((row) => [...x.subarray(row * PIXELS, (row + 1) * PIXELS)])),
    y: Int32Array.from(which, (row) => y[row]!),
    rows: which.length,
  });
  return [part(order.slice(0, first)), part(order.slice(first))];
}
