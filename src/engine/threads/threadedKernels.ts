/** What a WebAssembly backend of several threads has beside one of one: its kernels, cut for the pool. */

import type { Form } from "../backend.js";
import type { Kernel } from "../wasm/call.js";
import { loadKernels } from "../wasm/instantiate.js";
import { Blocks } from "./blocks.js";
import { splitKernel, splitUpdate } from "./partition.js";
import { Pool, type PoolOptions } from "./pool.js";
import { sharedBuild } from "./sharedBuild.js";

/** Arguments of gemm, and the place of the working memory among them. */
const ARITY = 14;
const WORK = 13;

export { sharedBuild }; // for the first binary, in the same chunk as all that only threads need

export class Team {
  readonly pool: Pool;
  #gemm = -1; // until the first product
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
  ): Promise<Team> {
    return new Team(await Pool.start(module, memory, exports, threads, options));
  }

  /** What a further binary exports. Workers load it for themselves when they meet it, from a copy in the memory that they share. */
  load(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory, alloc: (bytes: number) => number): object {
    const build = sharedBuild(bytes);
    const exports = loadKernels(build, memory);
    const address = alloc(build.length);
    new Uint8Array(memory.buffer, address, build.length).set(build);
    this.pool.add(Object.values(exports) as Kernel[], address, build.length);
    return exports;
  }

  kernel(kernel: Kernel, form: Form): unknown {
    return splitKernel(this.pool, kernel, form);
  }

  update(kernel: Kernel): ReturnType<typeof splitUpdate> {
    return splitUpdate(this.pool, kernel);
  }

  /** The blocks to cut a product into, given gemm's arguments; undefined where it had better stay whole. */
  cut(x: Float64Array): Blocks | undefined {
    return this.#blocks.choose(x[0], x[3], x[4], x[5]) ? this.#blocks : undefined;
  }

  /** The product, in the blocks of `cut`, with working memory of this many bytes for each thread. */
  product(gemm: Kernel, x: Float64Array, bytes: number): void {
    if (this.#gemm < 0) this.#gemm = this.pool.kernels.indexOf(gemm);
    this.pool.arguments.set(x);
    this.pool.strides[WORK] = bytes;
    this.pool.blocks(this.#gemm, ARITY, x[3], x[4], this.#blocks.rows, this.#blocks.columns);
  }
}
