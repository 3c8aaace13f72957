/** What a WebAssembly backend of several threads has beside one of one: its kernels, cut for the pool. */
import type { Kernel } from "../call.js";
import type { Form } from "../kernel.js";
import { Pool, type PoolOptions } from "./pool.js";
import { Blocks } from "./products.js";
import { splitKernel, splitUpdate } from "./split.js";

/** Arguments of gemm, and the place of the working memory among them. */
const ARITY = 14;
const WORK = 13;

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

  /** Makes known what a further binary exports, which stands at `address` in shared memory. */
  add(exports: object, address: number, bytes: number): void {
    this.pool.add(Object.values(exports) as Kernel[], address, bytes);
  }

  kernel(kernel: Kernel, form: Form): unknown {
    return splitKernel(this.pool, kernel, form);
  }

  update(kernel: Kernel): ReturnType<typeof splitUpdate> {
    return splitUpdate(this.pool, kernel);
  }

  /** The blocks to cut a product into, given gemm's arguments; undefined where it had better stay whole. */
  cut(x: Float64Array): Blocks | undefined {
    return this.#blocks.choose(x[0]!, x[3]!, x[4]!, x[5]!) ? this.#blocks : undefined;
  }

  /** The product, in the blocks of `cut`, with working memory of this many bytes for each thread. */
  product(gemm: Kernel, x: Float64Array, bytes: number): void {
    if (this.#gemm < 0) this.#gemm = this.pool.kernels.indexOf(gemm);
    this.pool.arguments.set(x);
    this.pool.strides[WORK] = bytes;
    this.pool.blocks(this.#gemm, ARITY, x[3]!, x[4]!, this.#blocks.rows, this.#blocks.columns);
  }
}
