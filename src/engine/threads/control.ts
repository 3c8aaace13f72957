/**
 * The shared memory through which the caller's thread and the workers communicate. A job is one kernel call, cut into
 * shares; threads claim shares by compare-and-exchange, so that each is run once, by the first to come. No one waits for a
 * worker that sleeps or has died: the caller runs the shares that are left.
 */
import { MAX_ARGUMENTS } from "../wasm/call.js";

/** The most block sums of one job: 64 KiB, for 32 million elements. */
export const MAX_BLOCKS = 8192;

// Indices of `words`. Words that threads spin on have a cache line (64 bytes) to themselves.
/** The number of the job, which workers wait on. */
export const JOB = 0;
/** The number of shares done. */
export const DONE = 16;
/** The number of workers asleep. */
export const SLEEPERS = 32;
/** 1 while the caller sleeps, waiting for DONE to change. */
export const CALLER_SLEEPS = 48;
/** 1 when a kernel has thrown. */
export const FAILED = 49;
/** The number of shares that workers have run since the start. */
export const HELPED = 64;
// The job itself, written before JOB and read after it.
/** How the job is cut: RANGES, SUMS or BLOCKS. */
export const CUT = 80;
/** The kernel, by its number (worker.ts, Kernels). */
export const KERNEL = 81;
/** The number of the kernel's arguments. */
export const ARITY = 82;
export const SHARES = 83;
/** The number of units that are shared out: elements, rows or blocks of a sum; for a product the rows of C. */
export const UNITS = 84;
/** The units of one share; the last may have fewer. */
export const STEP = 85;
/** For a product: the columns of C, the columns of one share, and the number of shares side by side. */
export const COLUMNS = 86;
export const COLUMN_STEP = 87;
export const ACROSS = 88;
/** The number of binaries besides the one that a worker starts with. */
export const BINARIES = 89;
/** Two words for each binary: its address in the memory of the kernels, and its length in bytes. */
export const BINARY = 96;
/** More than the package has parts, each of which is loaded once. */
export const MAX_BINARIES = 128;
/** One word for each share: twice the number of the job while the share is free, one more once it is claimed. */
export const CLAIMS = BINARY + 2 * MAX_BINARIES;

/** Each argument of the kernel advances by its stride for every unit before the share. */
export const RANGES = 0;
/** The kernel is a sum, called once for each block, with the result in `sums`. */
export const SUMS = 1;
/** The kernel is gemm, and a share is a rectangle of C. */
export const BLOCKS = 2;

/** The message that starts a worker. */
export interface Start {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  /** From 1; 0 is the caller. */
  thread: number;
  threads: number;
}

/** Views of the shared memory of a pool. */
export interface Control {
  words: Int32Array;
  arguments: Float64Array;
  strides: Float64Array;
  sums: Float64Array;
}

const NUMBERS = 2 * MAX_ARGUMENTS + MAX_BLOCKS;

export function makeControl(shares: number): SharedArrayBuffer {
  return new SharedArrayBuffer(NUMBERS * 8 + (CLAIMS + shares) * 4);
}

export function controlOf(memory: SharedArrayBuffer): Control {
  return {
    arguments: new Float64Array(memory, 0, MAX_ARGUMENTS),
    strides: new Float64Array(memory, MAX_ARGUMENTS * 8, MAX_ARGUMENTS),
    sums: new Float64Array(memory, 2 * MAX_ARGUMENTS * 8, MAX_BLOCKS),
    words: new Int32Array(memory, NUMBERS * 8),
  };
}
