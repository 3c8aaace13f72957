/** The caller's side of threads: starts workers, hands out jobs and waits until they are done. */

import { now } from "../../host/clock.js";
import { BLOCK } from "../backend.js";
import { builtin } from "../builtin.js";
import code from "../wasm/binaries/worker.js";
import type { Kernel } from "../wasm/call.js";
import * as AT from "../wasm/gemmArguments.js";
import {
  ACROSS,
  ARITY,
  BINARIES,
  BINARY,
  BLOCKS,
  CALLER_SLEEPS,
  CLAIMS,
  COLUMN_STEP,
  COLUMNS,
  type Control,
  CUT,
  controlOf,
  DONE,
  FAILED,
  HELPED,
  JOB,
  KERNEL,
  MAX_BINARIES,
  makeControl,
  RANGES,
  SHARES,
  SLEEPERS,
  STEP,
  type Start,
  SUMS,
  UNITS,
} from "./control.js";
import { ShareRunner } from "./shareRunner.js";
import { type NodeThreads, spawn, type Thread } from "./spawn.js";

/** Test-only settings. */
export interface PoolOptions {
  /** Factor of the least work that is worth splitting; 0 splits all that can be split. */
  least?: number;
  /** Element-wise kernels are cut at multiples of this, itself a multiple of the elements that a tensor is padded to. */
  grain?: number;
  /** The most blocks of a sum in one job. */
  blocks?: number;
  /** Milliseconds after which a worker that holds a share counts as lost, on top of the time that the work takes at SLOWEST. */
  patience?: number;
  /** The caller runs only its own shares and leaves the others to the workers. */
  lazy?: boolean;
}

/** Milliseconds within which a new worker must answer. */
const START = 10_000;
/** Maximum restarts per worker. */
const REPLACEMENTS = 8;
/** Operations a millisecond of the slowest worker that is waited for: a twentieth of what a core does here. */
const SLOWEST = 1e6;
/** Reads of DONE before the caller reads the clock: some 20 µs. */
const READS = 4096;
/** Milliseconds that the caller then spins before it sleeps, where it may: workers may need its core. */
const SPIN = 1;

export class Pool {
  /** Threads at the start, including the caller's: shares are cut for as many, whoever runs them. */
  readonly threads: number;
  /** Threads that work, or are being replaced. */
  working: number;
  /** For `engine.reason`: how many were lost for good, and why; empty while none is. */
  lost = "";
  readonly options: PoolOptions;
  /** The kernel's arguments in the next job, and by how much each grows for a unit of work. */
  readonly arguments: Float64Array;
  readonly strides: Float64Array;
  /** Why the pool no longer works; empty while it does. */
  broken = "";
  /** @internal The workers, for tests; undefined where one is lost and not replaced. */
  readonly workers: (Thread | undefined)[] = [];
  /** @internal */
  readonly kernels: Kernel[];
  readonly control: Control;
  readonly #start: Omit<Start, "thread">;
  readonly #runner: ShareRunner;
  readonly #node: NodeThreads;
  readonly #maySleep = maySleep();
  #disposed = false;

  private constructor(
    start: Omit<Start, "thread" | "control" | "threads">,
    kernels: Kernel[],
    threads: number,
    o: PoolOptions,
    node: NodeThreads,
  ) {
    const control = makeControl(threads);
    this.threads = threads;
    this.working = threads;
    this.options = o;
    this.#node = node;
    this.kernels = kernels;
    this.control = controlOf(control);
    this.control.words[JOB] = 1; // claims start at 0, which is the free word of job 0
    this.arguments = this.control.arguments;
    this.strides = this.control.strides;
    this.#start = { ...start, control, threads };
    this.#runner = new ShareRunner(kernels, this.control, 0, threads);
  }

  /** A pool of this many threads over the memory of an instance with these exports. Throws where the host refuses workers. */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    exports: object,
    threads: number,
    options: PoolOptions = {},
  ): Promise<Pool> {
    const node = await builtin("node:worker_threads");
    const pool = new Pool({ module, memory }, Object.values(exports) as Kernel[], threads, options, node);
    try {
      await Promise.all(Array.from({ length: threads - 1 }, (_, i) => pool.#engage(i)));
    } catch (error) {
      pool.dispose();
      throw error;
    }
    return pool;
  }

  /** Shares that workers have run since the start. */
  get helped(): number {
    return Atomics.load(this.control.words, HELPED);
  }

  /** Runs a kernel over `units` of work, cut at multiples of `grain`; set `arguments` and `strides` first. */
  ranges(kernel: number, arity: number, units: number, grain: number): void {
    this.#cut(units, grain);
    const { words } = this.control;
    words[CUT] = RANGES;
    words[KERNEL] = kernel;
    words[ARITY] = arity;
    this.#run();
  }

  /** Runs a sum over this many blocks; `control.sums` then holds the sum of each. */
  sums(kernel: number, blocks: number): void {
    this.#cut(blocks, 1);
    const { words } = this.control;
    words[CUT] = SUMS;
    words[KERNEL] = kernel;
    this.#run();
  }

  /** Runs gemm on blocks of `rows` x `columns` of C [m, n]. */
  blocks(kernel: number, arity: number, m: number, n: number, rows: number, columns: number): void {
    const { words } = this.control;
    const across = Math.ceil(n / columns);
    words[CUT] = BLOCKS;
    words[KERNEL] = kernel;
    words[ARITY] = arity;
    words[UNITS] = m;
    words[STEP] = rows;
    words[COLUMNS] = n;
    words[COLUMN_STEP] = columns;
    words[ACROSS] = across;
    words[SHARES] = Math.ceil(m / rows) * across;
    this.#run();
  }

  /** Adds the kernels of a further binary. Workers load it from shared memory: `bytes` bytes at `address`. */
  add(kernels: Kernel[], address: number, bytes: number): void {
    const { words } = this.control;
    const count = words[BINARIES];
    if (count === MAX_BINARIES) throw new RangeError(`expected at most ${MAX_BINARIES} binaries in one engine`);
    words[BINARY + 2 * count] = address;
    words[BINARY + 2 * count + 1] = bytes;
    words[BINARIES] = count + 1; // read after the next job has begun
    for (const kernel of kernels) this.kernels.push(kernel);
  }

  dispose(): void {
    this.#disposed = true;
    for (const worker of this.workers) worker?.stop();
  }

  /** One share for each thread. Two, for a better balance, measured no faster, and slower where the data is in the caches. */
  #cut(units: number, grain: number): void {
    const { words } = this.control;
    const step = Math.ceil(units / this.threads / grain) * grain;
    words[UNITS] = units;
    words[STEP] = step;
    words[SHARES] = Math.ceil(units / step);
  }

  #run(): void {
    const { words } = this.control;
    const shares = words[SHARES];
    const job = (Atomics.load(words, JOB) + 1) | 0;
    for (let i = 0; i < shares; i++) Atomics.store(words, CLAIMS + i, job << 1);
    Atomics.store(words, DONE, 0);
    Atomics.store(words, JOB, job);
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, JOB);
    this.#runner.run(job, this.options.lazy);
    for (let i = 0; i < READS; i++) {
      if (Atomics.load(words, DONE) !== shares) continue;
      if (words[FAILED] !== 0) this.#fail("a kernel has failed");
      return;
    }
    this.#wait(shares);
  }

  /** Waits for the shares that workers hold. */
  #wait(shares: number): void {
    const { words } = this.control;
    const from = now();
    const end = from + (this.options.patience ?? 10_000) + this.#operations() / SLOWEST;
    for (;;) {
      const done = Atomics.load(words, DONE);
      if (done === shares) break;
      const at = now();
      if (at > end) this.#fail("a worker thread was lost during a call");
      if (!this.#maySleep || at < from + SPIN) continue;
      Atomics.store(words, CALLER_SLEEPS, 1);
      Atomics.wait(words, DONE, done, 100);
      Atomics.store(words, CALLER_SLEEPS, 0);
    }
    if (words[FAILED] !== 0) this.#fail("a kernel has failed");
  }

  /** Operations of the present job, roughly. To time the caller's share would be more exact, but take 16 bytes of heap a job. */
  #operations(): number {
    const { words, arguments: x } = this.control;
    const units = words[UNITS];
    if (words[CUT] === BLOCKS) return units * words[COLUMNS] * x[AT.K];
    return words[CUT] === SUMS ? units * BLOCK : units * words[ARITY];
  }

  #fail(why: string): never {
    const cause = this.#runner.error;
    this.broken = `${why}, and what it was writing is undefined: make a new engine`;
    this.dispose();
    throw new Error(this.broken, cause === undefined ? {} : { cause });
  }

  /** Starts worker i, and replaces it whenever it is lost. */
  #engage(i: number, replacements = REPLACEMENTS): Promise<void> {
    return new Promise((resolve, reject) => {
      let state: "starting" | "working" | "lost" = "starting";
      const lost = (why: string) => {
        const was = state;
        state = "lost";
        clearTimeout(timer);
        if (was === "starting") reject(new Error(why));
        if (was !== "working" || this.#disposed) return;
        this.workers[i]?.stop();
        this.workers[i] = undefined;
        // The other threads run its shares until the new one works, or for good if none starts.
        const forGood = (error: Error) => {
          if (this.#disposed) return;
          this.working--;
          this.lost = `, of which ${this.threads - this.working} lost for good: ${error.message}`;
        };
        if (replacements > 0) this.#engage(i, replacements - 1).catch(forGood);
        else forGood(new Error(why));
      };
      const timer = setTimeout(() => {
        this.workers[i]?.stop();
        lost("a worker does not answer");
      }, START);
      const ready = () => {
        clearTimeout(timer);
        state = "working";
        if (this.#disposed) this.workers[i]?.stop();
        resolve();
      };
      this.workers[i] = spawn(this.#node, code, { ...this.#start, thread: i + 1 }, { ready, lost });
    });
  }
}

/** Whether this thread may sleep: the main thread of a page may not. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
