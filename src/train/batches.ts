import type { Block, Engine } from "../engine/engine.js";
import type { Ref } from "../engine/kernel.js";
import type { Tensor } from "../engine/tensor.js";
import { Buffers } from "../nn/buffers.js";
import type { Random } from "../random.js";
import type { Loaded } from "./dataset.js";

/** A mini-batch, good until the next one is taken. */
export interface Batch {
  x: Tensor;
  y: Tensor | Int32Array;
}

/** The rows of a data set in mini-batches of one epoch after another, in an order shuffled anew for each. */
export class Batches {
  readonly count: number;
  readonly #engine: Engine;
  readonly #data: Loaded;
  readonly #size: number;
  readonly #order: Int32Array;
  readonly #block: Block;
  readonly #orderRef: Ref;
  readonly #x: Buffers;
  readonly #y: Buffers | undefined;
  readonly #labels = new Map<number, Int32Array>();
  readonly #batch: { x: Tensor; y: Tensor | Int32Array };

  constructor(engine: Engine, data: Loaded, size: number) {
    this.#engine = engine;
    this.#data = data;
    this.#size = Math.min(size, data.rows);
    this.count = Math.ceil(data.rows / this.#size);
    this.#order = Int32Array.from({ length: data.rows }, (_, i) => i);
    this.#block = engine.allocate(data.rows);
    this.#orderRef = engine.memory.asInts(this.#block.ref, data.rows);
    this.#x = new Buffers(engine, data.x.shape[1]!, "a training run");
    this.#y = data.y instanceof Int32Array ? undefined : new Buffers(engine, data.y.shape[1]!, "a training run");
    this.#batch = { x: data.x, y: data.y };
    this.#commit();
  }

  /** Puts the rows in a new random order. */
  shuffle(random: Random): void {
    random.shuffle(this.#order);
    this.#commit();
  }

  /** The i-th batch of the epoch; the last may be short. */
  take(i: number): Batch {
    const start = i * this.#size;
    const rows = Math.min(this.#size, this.#data.rows - start);
    const { x, y } = this.#data;
    const order = this.#engine.memory.at(this.#orderRef, start, rows);
    this.#batch.x = this.#gather(x, this.#x, order, rows);
    if (y instanceof Int32Array) {
      let labels = this.#labels.get(rows);
      if (labels === undefined) {
        labels = new Int32Array(rows);
        this.#labels.set(rows, labels);
      }
      for (let r = 0; r < rows; r++) labels[r] = y[this.#order[start + r]!]!;
      this.#batch.y = labels;
    } else this.#batch.y = this.#gather(y, this.#y!, order, rows);
    return this.#batch;
  }

  dispose(): void {
    this.#x.dispose();
    this.#y?.dispose();
    this.#engine.free(this.#block);
  }

  #gather(from: Tensor, to: Buffers, order: Ref, rows: number): Tensor {
    const batch = to.rows(rows);
    this.#engine.kernels.gatherRows(rows, to.width, from.ref, order, batch.ref);
    return batch;
  }

  #commit(): void {
    this.#engine.memory.ints(this.#block.ref, this.#order.length).set(this.#order);
  }
}
