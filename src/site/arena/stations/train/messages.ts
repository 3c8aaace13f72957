/** What the page and the worker that trains say to each other. */
import type { EpochReport } from "../../../../index.js";
import type { Score, Settings } from "../../../../tabular/index.js";

export interface Order {
  readonly file: string;
  /** The table as bytes of a file, or as text. */
  readonly table: Uint8Array | string;
  readonly settings: Partial<Settings> & { readonly target: string };
  readonly backend: "wasm" | "js";
}

/** What is asked of the worker: what the columns are, or a run. */
export type Asked = { readonly read: Pick<Order, "file" | "table"> } | { readonly train: Order };

export interface Columns {
  readonly names: readonly string[];
  readonly rows: number;
  readonly notes: readonly string[];
}

export interface Epoch {
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly held?: { readonly loss: number; readonly accuracy?: number | undefined };
}

export const epochOf = ({ epoch, loss, validation }: EpochReport): Epoch => ({
  epoch: epoch + 1,
  loss,
  ...(validation && { held: { loss: validation.loss, accuracy: validation.accuracy } }),
});

/** Rows of one class that were taken for another. */
export interface Taken {
  readonly rows: number;
  readonly of: string;
  readonly as: string;
}

/** Which class is taken for which, of the rows held out or else of those trained on. */
export interface Confusion {
  readonly held: boolean;
  /** Of few classes: a row for each, a column for what it was taken for. */
  readonly counts?: readonly (readonly number[])[];
  /** Of many: what was taken for another most often. Thousands of classes have millions of pairs. */
  readonly worst?: readonly Taken[];
}

/** What the page shows of a score. */
export type Marks = Pick<Score, "loss" | "accuracy" | "regression">;

export interface Result {
  readonly train: Marks;
  readonly held: Marks | undefined;
  readonly confusion?: Confusion;
  readonly classes: readonly string[] | null;
  readonly target: string;
  /** Weights of the first layer, [inputs, units]. */
  readonly weights: Float32Array;
  readonly shape: readonly number[];
  readonly file: Uint8Array;
}

export interface Progress {
  readonly epochs: readonly Epoch[];
  readonly of: number;
  /** Rows that the run has trained on, by second. */
  readonly speed: number;
  readonly backend: string;
  readonly reason: string;
}

export type Said =
  | { readonly columns: Columns }
  | { readonly progress: Progress }
  | { readonly done: Result }
  | { readonly problem: string };
