import { checkBoolean, checkKeys, checkNumber, checkWhole, rangeError, typeError } from "../check.js";
import { everyRow } from "../data/rowNumbers.js";
import { Engine } from "../engine/engine.js";
import type { Tensor } from "../engine/tensor.js";
import { Buffers } from "../nn/buffers.js";
import { type Random, random } from "../random.js";
import { type Data, type Loaded, load } from "./loadData.js";

/** A mini-batch, good until the next one is taken. */
export interface Batch {
  /** Inputs [rows, columns]. */
  x: Tensor;
  /** Targets [rows, columns], or one class number a row. */
  y: Tensor | Int32Array;
}

/** How to cut a data set into batches. */
export interface BatchOptions {
  /** Rows a batch: 1 is stochastic gradient descent, as many as there are (or more) batch gradient descent. */
  batchSize: number;
  /** Seed of the orders. Default 0. */
  seed?: number;
  /** Put the rows in a new order for each pass. Default true. */
  shuffle?: boolean;
  /** Leave out a last batch that is short. Default false. */
  dropLast?: boolean;
}

/** Where a loader stands: enough for another one over the same data to go on from there. Plain data. */
export interface BatchPosition {
  /** The pass that the next batch is of, counted from 0. */
  epoch: number;
  /** Batches of that pass that have been taken. */
  batch: number;
  /** State of the random generator before that pass was put in order. */
  generator: readonly number[];
}

/** Gathers rows of a data set by number, into tensors that are made once. */
export class Gatherer {
  readonly #engine: Engine;
  readonly #data: Loaded;
  readonly #x: Buffers;
  readonly #y: Buffers | undefined;
  /** Row numbers and class numbers of a batch, by its rows. */
  readonly #numbers = new Map<number, { rows: Int32Array; labels: Int32Array }>();
  readonly #batch: Batch;

  constructor(engine: Engine, data: Loaded) {
    this.#engine = engine;
    this.#data = data;
    this.#x = new Buffers(engine, data.x.shape[1], "a loader of batches");
    this.#y = data.y instanceof Int32Array ? undefined : new Buffers(engine, data.y.shape[1], "a loader of batches");
    this.#batch = { x: data.x, y: data.y };
  }

  /** The batch of the rows order[start … start + rows]. */
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
    if (y instanceof Int32Array) {
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
    this.#engine.kernels.gatherRows(rows.length, to.width, from.ref, this.#engine.ints(rows), batch.ref);
    return batch;
  }
}

/** The rows of a data set, or some of them, in mini-batches of one pass after another. Made by {@link batches}. */
export class Batches implements Iterable<Batch> {
  /** Batches of one pass. */
  readonly count: number;
  /** Rows of one pass. */
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
  /** Where the next pass is to begin, after `restore`. */
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

  /** Begins a pass, in an order that depends on nothing but the generator's state. */
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
    this.#next++; // not before: there may be no memory for it
    return batch;
  }

  /** A pass over the data, in a new order. A pass begun earlier ends there. */
  [Symbol.iterator](): Iterator<Batch, undefined> {
    this.begin();
    const pass = this.#passes;
    // One object for all results: a pass leaves nothing behind for the garbage collector.
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

  /** Where this loader stands. */
  position(): BatchPosition {
    if (this.#from) return this.#from;
    const within = this.#epoch >= 0 && this.more;
    if (within) return { epoch: this.#epoch, batch: this.#next, generator: [...this.#generator] };
    return { epoch: this.#epoch + 1, batch: 0, generator: [...this.#random.state()] };
  }

  /** Makes the next pass go on from where a loader over the same data stood. */
  restore(position: BatchPosition): void {
    checkPosition(position, this.count);
    this.#from = { ...position, generator: [...position.generator] };
  }

  /** Frees the memory of batches, and of data that were given as arrays. */
  dispose(): void {
    this.#gatherer.dispose();
    this.#dispose();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * A loader of mini-batches: iterate it once for each epoch. The rows come in an order that is drawn anew for every
 * pass, the same for the same seed on every host. Nothing is allocated from the second batch on, so a batch is good
 * until the next one is taken.
 *
 * @param data rows as arrays or tensors; tensors stay the caller's
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
  if (typeof position !== "object" || position === null) throw typeError("position", "what position() gave", position);
  const { epoch, batch, generator } = position;
  checkWhole("position.epoch", epoch, 0);
  checkWhole("position.batch", batch, 0);
  if (batch >= count) throw rangeError("position.batch", `less than ${count}, the batches of a pass`, batch);
  const state = Array.isArray(generator) && generator.length === 4 && generator.every(Number.isInteger);
  if (!state) throw typeError("position.generator", "the four numbers of a generator's state", generator);
}
