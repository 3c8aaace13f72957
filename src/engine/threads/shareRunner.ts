/** Runs the shares of a job on one thread: claims each and calls the kernel on it. The caller and the workers run this same code. */

import { BLOCK } from "../backend.js";
import { call, type Kernel, MAX_ARGUMENTS } from "../wasm/call.js";
import * as AT from "../wasm/gemmArguments.js";
import {
  ACROSS,
  ARITY,
  BLOCKS,
  CALLER_SLEEPS,
  CLAIMS,
  COLUMN_STEP,
  COLUMNS,
  type Control,
  CUT,
  DONE,
  FAILED,
  KERNEL,
  SHARES,
  STEP,
  SUMS,
  UNITS,
} from "./control.js";

const BLOCK_BYTES = BLOCK * 4;

export class ShareRunner {
  /** The error that a kernel threw on this thread. */
  error: unknown;
  readonly #kernels: readonly Kernel[];
  readonly #control: Control;
  /** 0 is the caller. */
  readonly #thread: number;
  readonly #threads: number;
  readonly #own = new Float64Array(MAX_ARGUMENTS);

  constructor(kernels: readonly Kernel[], control: Control, thread: number, threads: number) {
    this.#kernels = kernels;
    this.#control = control;
    this.#thread = thread;
    this.#threads = threads;
  }

  /**
   * Runs shares of a job until none is free and returns how many it ran. Starts with its own share, whose data the last job
   * left in this core's cache. A worker that comes late, when the caller is at a later job, finds no free share of this one.
   */
  run(job: number, onlyOwn = false): number {
    const { words } = this.#control;
    const shares = Atomics.load(words, SHARES);
    const first = Math.floor((this.#thread * shares) / this.#threads);
    const end = onlyOwn ? Math.floor(((this.#thread + 1) * shares) / this.#threads) - first : shares;
    const free = job << 1;
    let count = 0;
    for (let i = 0; i < end; i++) {
      const share = (first + i) % shares;
      if (Atomics.load(words, CLAIMS + share) !== free) continue;
      if (Atomics.compareExchange(words, CLAIMS + share, free, free | 1) !== free) continue;
      try {
        this.#runShare(share);
      } catch (error) {
        this.error = error;
        Atomics.store(words, FAILED, 1);
      }
      count++;
      Atomics.add(words, DONE, 1);
      if (Atomics.load(words, CALLER_SLEEPS) === 1) Atomics.notify(words, DONE);
    }
    return count;
  }

  #runShare(share: number): void {
    const cut = this.#control.words[CUT];
    if (cut === BLOCKS) this.#block(share);
    else if (cut === SUMS) this.#sums(share);
    else this.#range(share);
  }

  #range(share: number): void {
    const { words, arguments: given, strides } = this.#control;
    const own = this.#own;
    const step = words[STEP];
    const from = share * step;
    const arity = words[ARITY];
    own[0] = Math.min(step, words[UNITS] - from);
    for (let i = 1; i < arity; i++) own[i] = given[i] + from * strides[i];
    call(this.#kernels[words[KERNEL]], arity, own);
  }

  #sums(share: number): void {
    const { words, arguments: given, sums } = this.#control;
    const kernel = this.#kernels[words[KERNEL]] as (n: number, x: number, y: number) => number;
    const n = given[0];
    const x = given[1];
    const y = given[2];
    const from = share * words[STEP];
    const to = Math.min(from + words[STEP], words[UNITS]);
    for (let i = from; i < to; i++) {
      sums[i] = kernel(Math.min(BLOCK, n - i * BLOCK), x + i * BLOCK_BYTES, y + i * BLOCK_BYTES);
    }
  }

  #block(share: number): void {
    const { words, arguments: given, strides } = this.#control;
    const own = this.#own;
    const across = words[ACROSS];
    const down = Math.floor(share / across);
    const row = down * words[STEP];
    const column = (share - down * across) * words[COLUMN_STEP];
    own.set(given);
    own[AT.M] = Math.min(words[STEP], words[UNITS] - row);
    own[AT.N] = Math.min(words[COLUMN_STEP], words[COLUMNS] - column);
    own[AT.A] += 4 * row * (given[AT.TRANS_A] === 1 ? 1 : given[AT.STRIDE_A]);
    own[AT.B] += 4 * column * (given[AT.TRANS_B] === 1 ? given[AT.STRIDE_B] : 1);
    own[AT.C] += 4 * (row * given[AT.STRIDE_C] + column);
    own[AT.WORK] += this.#thread * strides[AT.WORK]; // each thread has its own working memory
    call(this.#kernels[words[KERNEL]], words[ARITY], own);
  }
}
