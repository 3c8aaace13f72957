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

export interface Result {
  readonly train: Score;
  readonly held: Score | undefined;
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
