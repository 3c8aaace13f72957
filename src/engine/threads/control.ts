/**
 * The shared memory through which the caller's thread and the workers communicate. A job is one kernel call, cut into
 * shares. Threads claim shares by compare-and-exchange, so that each share is run once, by the first to claim it. A worker
 * that sleeps or is gone delays nobody: the caller runs the shares that are left.
 */
import { MAX_ARGUMENTS } from "../wasm/call.js";

/** Maximum block sums of one job: 64 KiB, for 32 million elements. */
export const MAX_BLOCKS = 8192;

// Places in `words`. Those that threads spin on have a cache line (64 bytes) to themselves.
/** The number of the job; workers wait for it to change. */
export const JOB = 0;
/** Shares done so far. */
export const DONE = 16;
/** Workers asleep. */
export const SLEEPERS = 32;
/** 1 while the caller sleeps until DONE changes. */
export const CALLER_SLEEPS = 48;
/** 1 when a kernel has thrown. */
export const FAILED = 49;
/** Shares that workers have run, ever. */
export const HELPED = 64;
// The job itself, written before JOB and read after it.
/** How the job is cut: RANGES, SUMS or BLOCKS. */
export const CUT = 80;
/** Index of the kernel, among the exports of all binaries. */
export const KERNEL = 81;
/** Number of arguments of the kernel. */
export const ARITY = 82;
export const SHARES = 83;
/** Units of work: elements, rows or blocks of a sum; for a matrix product rows of C. */
export const UNITS = 84;
/** Units of one share; the last may have fewer. */
export const STEP = 85;
/** For a matrix product: columns of C, columns of one share, and shares side by side. */
export const COLUMNS = 86;
export const COLUMN_STEP = 87;
export const ACROSS = 88;
/** Number of binaries besides the one that a worker starts with. */
export const BINARIES = 89;
/** Two words a binary: its address in the memory of the kernels, and its length in bytes. */
export const BINARY = 96;
/** More than the parts of the package, each of which is loaded once. */
export const MAX_BINARIES = 128;
/** One word a share: twice the number of the job while the share is free, one more once it is claimed. */
export const CLAIMS = BINARY + 2 * MAX_BINARIES;

/** Each argument of the kernel grows by its stride for every unit before the share. */
export const RANGES = 0;
/** The kernel is a sum: it is called once a block, and its result is stored in `sums`. */
export const SUMS = 1;
/** The kernel is gemm, on a rectangle of C. */
export const BLOCKS = 2;

/** What the caller sends to a worker that starts. */
export interface Start {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  /** Number of the thread, from 1; 0 is the caller. */
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
