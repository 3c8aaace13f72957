import { padded } from "../../engine/backend.js";
import type { Block, EngineCore } from "../../engine/core.js";
import { type Shape, sizeOf, Tensor } from "../../engine/tensor.js";
import { DoubleSlots } from "./doubleSlots.js";

type Shapes = Record<string, Shape>;

/** The slots of one parameter, by name: those of f32, and those of f64. */
export interface Wanted {
  floats: Shapes;
  doubles: Shapes;
}

/** A copy of slots. */
export type SavedSlots = Record<string, Float32Array | Float64Array>;

/**
 * Slots: the tensors that an optimizer keeps for each parameter, by name, such as `expAvg`, the running mean of its
 * gradients. This class has those of one group; they are allocated when a step first needs them.
 */
export class Slots {
  /** One record for each parameter; no records before the first step. */
  readonly records: Record<string, Tensor>[] = [];
  readonly doubles: DoubleSlots;
  readonly #engine: EngineCore;
  readonly #params: readonly Tensor[];
  #blocks: Block[] = [];
  /** Parameters whose slots have been allocated. Those of a frozen one have not. */
  #given: boolean[] = [];

  constructor(engine: EngineCore, params: readonly Tensor[]) {
    this.#engine = engine;
    this.#params = params;
    this.doubles = new DoubleSlots(engine, params.length);
  }

  /** Bytes of all slots, with padding. */
  get bytes(): number {
    return this.#blocks.reduce((total, { bytes }) => total + bytes, this.doubles.bytes);
  }

  has(i: number): boolean {
    return this.#given[i] === true;
  }

  /**
   * Allocates the wanted slots that are missing, for the parameters that have slots or take some: all of them at first, one
   * more when an option needs it. Throws if there is no memory, and leaves everything as it was.
   * @returns the parameters that had no slots before
   */
  grow(all: readonly Wanted[], takes: (i: number) => boolean): number[] {
    const held = this.#blocks.length;
    const wanted = all.map(({ floats }) => floats);
    const first = this.records.length === 0;
    if (first) for (const _ of this.#params) this.records.push({});
    const taking = this.#params.map((_, i) => i).filter((i) => this.has(i) || takes(i));
    let takeBack = (): void => {};
    try {
      takeBack = this.doubles.grow(
        all.map(({ doubles }) => doubles),
        (i) => taking.includes(i),
      );
      for (const name of new Set(taking.flatMap((i) => Object.keys(wanted[i])))) {
        const takers = taking.filter((i) => wanted[i][name] && !this.records[i][name]);
        if (takers.length > 0) this.#allocate(name, takers, wanted);
      }
    } catch (error) {
      takeBack();
      for (const block of this.#blocks.splice(held)) this.#takeBack(block);
      if (first) this.records.length = 0;
      throw error;
    }
    for (const i of taking) this.#order(i, Object.keys(wanted[i]));
    const fresh = taking.filter((i) => !this.has(i));
    for (const i of fresh) this.#given[i] = true;
    return fresh;
  }

  /** Copies of the slots; none before the first step. A slot that an option has added since the last step is zeros. */
  saved(wanted: readonly Wanted[]): SavedSlots[] {
    return this.records.map((record, i) => {
      if (!this.has(i)) return {};
      const missing = Object.entries(wanted[i].floats).filter(([name]) => !record[name]);
      return {
        ...Object.fromEntries(Object.entries(record).map(([name, slot]) => [name, slot.toArray()])),
        ...Object.fromEntries(missing.map(([name, shape]) => [name, new Float32Array(sizeOf(shape))])),
        ...this.doubles.saved(i, wanted[i].doubles),
      };
    });
  }

  /** Overwrites the slots of a parameter with saved ones; those that it does not have are left out. */
  fill(i: number, saved: SavedSlots): void {
    for (const [name, array] of Object.entries(saved)) {
      if (Object.hasOwn(this.records[i], name)) this.records[i][name].copyFrom(array);
      else if (Object.hasOwn(this.doubles.records[i], name)) this.doubles.records[i][name].data.set(array);
    }
  }

  clear(): void {
    this.doubles.clear();
    for (const record of this.records) for (const slot of Object.values(record)) slot.data.fill(0);
  }

  dispose(): void {
    this.doubles.dispose();
    for (const record of this.records) for (const slot of Object.values(record)) slot.retire();
    for (const block of this.#blocks) this.#engine.free(block);
    this.#blocks = [];
    this.#given = [];
    this.records.length = 0;
  }

  /** One allocation for a slot of all its takers, laid out end to end like parameters in a slab, so that they form spans. */
  #allocate(name: string, takers: readonly number[], wanted: readonly Shapes[]): void {
    const lengths = takers.map((i) => padded(sizeOf(wanted[i][name])));
    const block = this.#engine.allocate(lengths.reduce((total, length) => total + length, 0));
    this.#blocks.push(block);
    let offset = 0;
    for (const [k, i] of takers.entries()) {
      const length = lengths[k];
      const ref = this.#engine.implementation.at(block.ref, offset, length);
      const place = { ref, length, owner: "an optimizer", base: block.ref, offset };
      this.records[i][name] = new Tensor(this.#engine, wanted[i][name], place);
      offset += length;
    }
  }

  /** Frees an allocation and forgets the slots in it. */
  #takeBack(block: Block): void {
    for (const record of this.records) {
      for (const [name, slot] of Object.entries(record)) {
        if (slot.place.base !== block.ref) continue;
        slot.retire();
        delete record[name];
      }
    }
    this.#engine.free(block);
  }

  /** Orders the slots as the rule does, any others last: an option may add one between two that exist. */
  #order(i: number, names: readonly string[]): void {
    const record = this.records[i];
    const present = Object.keys(record);
    if (names.every((name, k) => name === present[k])) return;
    const held = { ...record };
    for (const name of present) delete record[name];
    for (const name of names) record[name] = held[name];
    Object.assign(record, held);
  }
}
