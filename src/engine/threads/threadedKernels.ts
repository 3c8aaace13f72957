/** The part of a WebAssembly backend that only several threads need: kernels that are cut into shares for the pool. */

import type { Bytes } from "../../host/hostTypes.js";
import type { Partition } from "../backend.js";
import type { Kernel } from "../wasm/call.js";
import * as AT from "../wasm/gemmArguments.js";
import { loadKernels } from "../wasm/instantiate.js";
import { Blocks } from "./blocks.js";
import { splitKernel, splitUpdate } from "./partition.js";
import { Pool, type PoolOptions } from "./pool.js";
import { sharedBuild } from "./sharedBuild.js";

export { sharedBuild }; // for the first binary; exported here so that a bundler keeps all that only threads need in one chunk

export class ThreadedKernels {
  readonly pool: Pool;
  #gemm = -1; // the kernel's index in the pool; unknown until the first product
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

  /** Loads a further binary and returns its exports. Workers load it before their next job, from a copy in shared memory. */
  load(bytes: Bytes, memory: WebAssembly.Memory, alloc: (bytes: number) => number): object {
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

  /** The blocks of C that threads compute, given gemm's arguments; undefined where one thread is faster. */
  cut(x: Float64Array): Blocks | undefined {
    return this.#blocks.choose(x) ? this.#blocks : undefined;
  }

  /** Runs gemm on the blocks that `cut` returned. */
  product(gemm: Kernel, x: Float64Array, blocks: Blocks): void {
    if (this.#gemm < 0) this.#gemm = this.pool.kernels.indexOf(gemm);
    this.pool.arguments.set(x);
    this.pool.strides[AT.WORK] = blocks.work;
    this.pool.blocks(this.#gemm, AT.ARITY, x[AT.M], x[AT.N], blocks.rows, blocks.columns);
  }
}
