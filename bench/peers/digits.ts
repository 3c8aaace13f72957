/** The handwritten digits of Alpaydin & Kaynak (UCI, 1998). */
import type { Batches, Floats, Ints, Net } from "./work.js";

const NET: Net = { widths: [64, 256, 10], batch: 32 };
const EPOCHS = 30;
export const TARGET = 0.97;
export const DIGITS = `digits to ${100 * TARGET} %`;

/** test/data/digits/, whichever way it is read. */
export interface DigitsFiles {
  train: string;
  test: string;
}

export type Digits = ReturnType<typeof digits>;

/** All batches of all epochs, in the one order that everyone trains in. */
export function digits(files: DigitsFiles) {
  const [train, test] = [read(files.train), read(files.test)];
  const { columns } = train;
  const perEpoch = Math.floor(train.labels.length / NET.batch);
  const order = Array.from(train.labels.keys());
  const count = perEpoch * EPOCHS;
  const batches: Batches = {
    ...{ rows: NET.batch, columns, count },
    x: new Float32Array(count * NET.batch * columns),
    labels: new Int32Array(count * NET.batch),
  };
  let [row, state] = [0, 1];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const j = Math.floor((state / 2 ** 32) * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (const from of order.slice(0, perEpoch * NET.batch)) {
      batches.x.set(train.x.subarray(from * columns, (from + 1) * columns), row * columns);
      batches.labels[row++] = train.labels[from]!;
    }
  }
  return { net: NET, train: batches, test, perEpoch };
}

/** Counts from 0 to 16, here about their mean of 4.8 (as they are, 97 % is out of this net's reach); last the digit. */
function read(text: string): { columns: number; x: Floats; labels: Ints } {
  const rows = text.trim().split("\n");
  const table = rows.map((line) => line.split(",").map(Number));
  return {
    columns: table[0]!.length - 1,
    x: Float32Array.from(table.flatMap((row) => row.slice(0, -1).map((value) => (value - 4.8) / 4))),
    labels: Int32Array.from(table.map((row) => row.at(-1)!)),
  };
}
