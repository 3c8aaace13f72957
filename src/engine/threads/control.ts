/**
 * The words of shared memory through which the caller's thread and the workers speak. A job is one kernel call cut into
 * shares; threads claim shares by compare-and-exchange, so that each is run once, by whoever comes first. A worker that
 * sleeps, or is gone, keeps no one waiting: the caller runs what is left over.
 */
import { MAX_ARGUMENTS } from "../wasm/call.js";

/** Block sums of a reduction, in one job at most this many: 64 KiB of them, for 32 million elements. */
export const MAX_BLOCKS = 8192;

// Words of `words`. Those that threads spin on have a cache line (64 bytes) to themselves.
/** The number of the job; workers wait for it to change. */
export const JOB = 0;
/** Shares that are done. */
export const DONE = 16;
/** Workers asleep. */
export const SLEEPERS = 32;
/** 1 while the caller sleeps until DONE changes. */
export const CALLER_SLEEPS = 48;
/** 1 when a kernel has thrown. */
export const FAILED = 49;
/** Shares that workers have run, ever. */
export const HELPED = 64;
// The job itself, written before JOB is and read after it.
/** How shares are cut: RANGES, SUMS or BLOCKS. */
export const FORM = 80;
/** The kernel, by its place among the exports. */
export const KERNEL = 81;
/** Arguments of the kernel. */
export const ARITY = 82;
export const SHARES = 83;
/** What is shared out: elements, rows or blocks of a sum; for a product the rows of C. */
export const UNITS = 84;
/** Units of one share; the last may have fewer. */
export const STEP = 85;
/** For a product: the columns of C, those of one share, and shares side by side. */
export const COLUMNS = 86;
export const COLUMN_STEP = 87;
export const ACROSS = 88;
/** Binaries besides the one that a worker starts with; kernels are counted through all of them. */
export const BINARIES = 89;
/** Two words a binary: where it stands in the memory of the kernels, and its bytes. */
export const BINARY = 96;
/** More than there are parts of the package; a part is loaded once. */
export const MAX_BINARIES = 128;
/** One word a share: twice the number of the job while it is free, one more when it is taken. */
export const CLAIMS = BINARY + 2 * MAX_BINARIES;

/** Each argument of the kernel grows by its stride for every unit before the share. */
export const RANGES = 0;
/** The kernel is a sum: one call a block, whose result goes to `sums`. */
export const SUMS = 1;
/** The kernel is gemm, on a rectangle of C. */
export const BLOCKS = 2;

/** What the caller sends a worker to begin with. */
export interface Start {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  /** From 1; 0 is the caller. */
  thread: number;
  threads: number;
}

/** The memory of a pool, as its threads see it. */
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
