/** What a WebAssembly backend has for several threads: its kernels, cut into shares for a pool of workers. */

import type { Partition } from "../backend.js";
import type { Kernel } from "../wasm/call.js";
import { GEMM, GEMM_ARITY } from "../wasm/gemmArguments.js";
import { loadKernels } from "../wasm/instantiate.js";
import { Blocks } from "./blocks.js";
import { splitKernel, splitUpdate } from "./partition.js";
import { Pool, type PoolOptions } from "./pool.js";
import { sharedBuild } from "./sharedBuild.js";

export { sharedBuild }; // for the first binary: exported here, it is in the chunk that only threads load

export class ThreadedKernels {
  readonly pool: Pool;
  /** The place of gemm among the pool's kernels; -1 until the first product. */
  #gemm = -1;
  readonly #blocks: Blocks;

  private constructor(pool: Pool) {
    this.pool = pool;
    this.#blocks = new Blocks(pool);
  }

  /** Throws where the host refuses workers. */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    exports: object,
    threads: number,
    options?: PoolOptions,
  ): Promise<ThreadedKernels> {
    return new ThreadedKernels(await Pool.start(module, memory, exports, threads, options));
  }

  /**
   * Loads a further binary and returns its exports. It is copied to shared memory, from where each worker loads it when it
   * next takes a job.
   */
  load(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory, alloc: (bytes: number) => number): object {
    const build = sharedBuild(bytes);
    const exports = loadKernels(build, memory);
    const address = alloc(build.length);
    new Uint8Array(memory.buffer, address, build.length).set(build);
    this.pool.add(Object.values(exports) as Kernel[], address, build.length);
    return exports;
  }

  kernel(kernel: Kernel, partition: Partition): unknown {
    return splitKernel(this.pool, kernel, partition);
  }

  update(kernel: Kernel): ReturnType<typeof splitUpdate> {
    return splitUpdate(this.pool, kernel);
  }

  /** The blocks to cut a product into, from gemm's arguments; undefined where one thread is faster. */
  cut(x: Float64Array): Blocks | undefined {
    return this.#blocks.choose(x[GEMM.tile], x[GEMM.m], x[GEMM.n], x[GEMM.k]) ? this.#blocks : undefined;
  }

  /** Runs a product in the blocks that `cut` has chosen. @param bytes working memory of each thread */
  product(gemm: Kernel, x: Float64Array, bytes: number): void {
    if (this.#gemm < 0) this.#gemm = this.pool.kernels.indexOf(gemm);
    this.pool.arguments.set(x);
    this.pool.strides[GEMM.work] = bytes;
    this.pool.blocks(this.#gemm, GEMM_ARITY, x[GEMM.m], x[GEMM.n], this.#blocks.rows, this.#blocks.columns);
  }
}
