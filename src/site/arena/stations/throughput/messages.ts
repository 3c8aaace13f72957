/** What the page and the worker that measures say to each other. */
import type { Times } from "../../../../experiments/throughput.js";

export interface Asked {
  readonly simd: "auto" | "strict";
  readonly threads: "1" | "auto";
}

export interface Measured {
  readonly id: string;
  /** Milliseconds of a call. */
  readonly times: Times;
}

export interface Host {
  readonly backend: string;
  readonly threads: number;
  readonly reason: string;
}

export type Said =
  | { readonly engine: Host }
  | { readonly measured: Measured }
  | { readonly done: true }
  | { readonly problem: string };
