/// <reference path="../host/disposable.d.ts" preserve="true" />

import { checkBoolean, checkKeys, checkNumber, checkWhole, rangeError, typeError } from "../check.js";
import { everyRow } from "../data/rowNumbers.js";
import { Engine } from "../engine/engine.js";
import { extraKernels } from "../engine/extraKernels.js";
import type { Tensor } from "../engine/tensor.js";
import { isInt32 } from "../host/realm.js";
import { type Random, random } from "../math/random.js";
import { Buffers } from "../nn/buffers.js";
import { type Data, type Loaded, load } from "./loadData.js";

/** A mini-batch. It is valid until the next one is taken. */
export interface Batch {
  /** The inputs, of shape [rows, columns]. */
  x: Tensor;
  /** The targets, of shape [rows, columns], or one class number per row. */
  y: Tensor | Int32Array;
}

/** How to divide a data set into batches. */
export interface BatchOptions {
  /** Rows per batch: 1 is stochastic gradient descent, the number of rows (or more) is batch gradient descent. */
  batchSize: number;
  /** Seed of the shuffling. Default 0. */
  seed?: number;
  /** Shuffle the rows anew for each pass. Default true. */
  shuffle?: boolean;
  /** Drop the last batch of a pass if it is smaller than the others. Default false. */
  dropLast?: boolean;
}

/** The position of a loader, as plain data: a loader over the same data resumes from it. */
export interface BatchPosition {
  /** The pass that the next batch belongs to, counted from 0. */
  epoch: number;
  /** Batches of that pass that have been taken already. */
  batch: number;
  /** State of the random generator before that pass was shuffled. */
  generator: readonly number[];
}

/** Copies rows of a data set, chosen by number, into tensors that it reuses. */
export class Gatherer {
  readonly #engine: Engine;
  readonly #gatherRows: ReturnType<typeof extraKernels>["gatherRows"];
  readonly #data: Loaded;
  readonly #x: Buffers;
  readonly #y: Buffers | undefined;
  /** Arrays of row numbers and class numbers, by the number of rows in a batch. */
  readonly #numbers = new Map<number, { rows: Int32Array; labels: Int32Array }>();
  readonly #batch: Batch;

  constructor(engine: Engine, data: Loaded) {
    this.#engine = engine;
    this.#gatherRows = extraKernels(engine).gatherRows;
    this.#data = data;
    this.#x = new Buffers(engine, data.x.shape[1], "a loader of batches");
    this.#y = isInt32(data.y) ? undefined : new Buffers(engine, data.y.shape[1], "a loader of batches");
    this.#batch = { x: data.x, y: data.y };
  }

  /** The batch of the rows numbered order[start … start + rows). */
  take(order: Int32Array, start: number, rows: number): Batch {
    let numbers = this.#numbers.get(rows);
    if (numbers === undefined) {
      numbers = { rows: new Int32Array(rows), labels: new Int32Array(rows) };
      this.#numbers.set(rows, numbers);
    }
    for (let r = 0; r < rows; r++) numbers.rows[r] = order[start + r];
    const { x, y } = this.#data;
    const batch = this.#batch;
    batch.x = this.#gather(x, this.#x, numbers.rows);
    if (isInt32(y)) {
      const { labels } = numbers;
      for (let r = 0; r < rows; r++) labels[r] = y[order[start + r]];
      batch.y = labels;
    } else batch.y = this.#gather(y, this.#y!, numbers.rows);
    return batch;
  }

  dispose(): void {
    this.#x.dispose();
    this.#y?.dispose();
  }

  #gather(from: Tensor, to: Buffers, rows: Int32Array): Tensor {
    const batch = to.rows(rows.length);
    this.#gatherRows(rows.length, to.width, from.ref, this.#engine.ints(rows), batch.ref);
    return batch;
  }
}

/** Divides all or some rows of a data set into mini-batches, one pass after another. Made by {@link batches}. */
export class Batches implements Iterable<Batch> {
  /** Batches per pass. */
  readonly count: number;
  /** Rows per pass. */
  readonly rows: number;
  readonly #size: number;
  readonly #chosen: Int32Array;
  readonly #order: Int32Array;
  readonly #shuffle: boolean;
  #random: Random;
  readonly #gatherer: Gatherer;
  readonly #dispose: () => void;
  #generator: readonly number[];
  #epoch = -1;
  #next = 0;
  #passes = 0;
  /** Where the next pass starts, after `restore`. */
  #from: BatchPosition | undefined;

  /** @internal */
  constructor(
    engine: Engine,
    data: Loaded,
    { batchSize, shuffle = true, dropLast = false }: Omit<BatchOptions, "seed">,
    random: Random,
    chosen: Int32Array = everyRow(data.rows),
    dispose: () => void = () => {},
  ) {
    this.#size = Math.min(batchSize, chosen.length);
    this.count = dropLast ? Math.floor(chosen.length / this.#size) : Math.ceil(chosen.length / this.#size);
    this.rows = Math.min(chosen.length, this.count * this.#size);
    this.#chosen = chosen;
    this.#order = chosen.slice();
    this.#shuffle = shuffle;
    this.#random = random;
    this.#generator = random.state();
    this.#gatherer = new Gatherer(engine, data);
    this.#dispose = dispose;
  }

  /** Begins a pass, in an order that depends only on the generator's state. */
  begin(): void {
    const from = this.#from;
    this.#from = undefined;
    if (from) this.#random = random(from.generator);
    this.#generator = this.#random.state();
    this.#order.set(this.#chosen);
    if (this.#shuffle) this.#random.shuffle(this.#order);
    this.#epoch = from?.epoch ?? this.#epoch + 1;
    this.#next = from?.batch ?? 0;
    this.#passes++;
  }

  /** Whether this pass has batches left. */
  get more(): boolean {
    return this.#next < this.count;
  }

  /** The next batch of this pass. */
  take(): Batch {
    if (!this.more) throw new RangeError("batches: expected a batch of this pass, got its end; begin() starts another");
    const start = this.#next * this.#size;
    const batch = this.#gatherer.take(this.#order, start, Math.min(this.#size, this.#order.length - start));
    this.#next++; // only now: gathering may run out of memory
    return batch;
  }

  /** Iterates over one pass of the data, in a new order. Any pass begun earlier ends. */
  [Symbol.iterator](): Iterator<Batch, undefined> {
    this.begin();
    const pass = this.#passes;
    // One object serves all results, so that a pass leaves nothing to the garbage collector.
    const result = { done: false, value: undefined as Batch | undefined };
    return {
      next: () => {
        if (pass !== this.#passes)
          throw new Error("batches: expected one pass at a time, got a batch of an earlier one");
        result.done = !this.more;
        result.value = result.done ? undefined : this.take();
        return result as IteratorResult<Batch, undefined>;
      },
    };
  }

  /** The present position of this loader. */
  position(): BatchPosition {
    if (this.#from) return this.#from;
    const within = this.#epoch >= 0 && this.more;
    if (within) return { epoch: this.#epoch, batch: this.#next, generator: [...this.#generator] };
    return { epoch: this.#epoch + 1, batch: 0, generator: [...this.#random.state()] };
  }

  /** Makes the next pass resume from the position of a loader over the same data. */
  restore(position: BatchPosition): void {
    checkPosition(position, this.count);
    this.#from = { ...position, generator: [...position.generator] };
  }

  /** Frees the memory of the batches, and of data that were given as arrays. */
  dispose(): void {
    this.#gatherer.dispose();
    this.#dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Makes a loader of mini-batches: iterate over it once per epoch. The rows are shuffled anew for every pass, in the
 * same order for the same seed on every host. Batches reuse their memory: nothing is allocated from the second batch
 * on, and each batch is valid until the next one is taken.
 *
 * @param data rows as arrays or tensors; tensors remain the caller's to dispose of
 * @throws RangeError or TypeError for data or options that do not fit
 * @example
 * const loader = batches(engine, { x: [[0, 0], [0, 1], [1, 0]], y: Int32Array.of(0, 1, 1) }, { batchSize: 2, seed: 1 });
 * for (let epoch = 0; epoch < 3; epoch++) {
 *   for (const { x, y } of loader) console.log(x.shape, y);
 * }
 * loader.dispose();
 */
export function batches(engine: Engine, data: Data, options: BatchOptions): Batches {
  if (!(engine instanceof Engine)) throw typeError("engine", "an engine", engine);
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("batches", options, ["batchSize", "seed", "shuffle", "dropLast"]);
  checkBatchOptions(options);
  const loaded = load(engine, data);
  return new Batches(engine, loaded, options, random(options.seed ?? 0), undefined, loaded.dispose);
}

export function checkBatchOptions({ batchSize, seed = 0, shuffle = true, dropLast = false }: BatchOptions): void {
  checkWhole("batchSize", batchSize);
  checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  checkBoolean("shuffle", shuffle);
  checkBoolean("dropLast", dropLast);
}

function checkPosition(position: BatchPosition, count: number): void {
  if (typeof position !== "object" || position === null)
    throw typeError("position", "what position() returned", position);
  const { epoch, batch, generator } = position;
  checkWhole("position.epoch", epoch, 0);
  checkWhole("position.batch", batch, 0);
  if (batch >= count) throw rangeError("position.batch", `less than ${count}, the batches of a pass`, batch);
  const state = Array.isArray(generator) && generator.length === 4 && generator.every(Number.isInteger);
  if (!state) throw typeError("position.generator", "the four numbers of a generator's state", generator);
}
