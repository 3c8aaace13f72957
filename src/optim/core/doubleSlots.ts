import type { EngineCore } from "../../engine/core.js";
import { Doubles } from "../../engine/doubles.js";
import { type Shape, sizeOf } from "../../engine/tensor.js";

type Shapes = Record<string, Shape>;

/** The f64 slots of one group: as {@link Slots}, but each in an allocation of its own, as no kernel runs over several. */
export class DoubleSlots {
  /** One record for each parameter. */
  readonly records: Record<string, Doubles>[];
  readonly #engine: EngineCore;

  constructor(engine: EngineCore, count: number) {
    this.#engine = engine;
    this.records = Array.from({ length: count }, () => ({}));
  }

  get bytes(): number {
    return this.records.flatMap(Object.values<Doubles>).reduce((total, { bytes }) => total + bytes, 0);
  }

  /**
   * Allocates the wanted slots that are missing for these parameters. Throws if there is no memory, and leaves everything
   * as it was.
   * @returns a function that takes them back
   */
  grow(wanted: readonly Shapes[], takes: (i: number) => boolean): () => void {
    const made: [record: Record<string, Doubles>, name: string][] = [];
    const undo = () => {
      for (const [record, name] of made) {
        record[name].dispose();
        delete record[name];
      }
    };
    try {
      for (const [i, record] of this.records.entries()) {
        if (!takes(i)) continue;
        for (const [name, shape] of Object.entries(wanted[i])) {
          if (record[name]) continue;
          record[name] = new Doubles(this.#engine, shape);
          made.push([record, name]);
        }
      }
    } catch (error) {
      undo();
      throw error;
    }
    return undo;
  }

  /** Copies of the slots of a parameter. A slot that an option has added since the last step is zeros. */
  saved(i: number, wanted: Shapes): Record<string, Float64Array> {
    const record = this.records[i];
    return Object.fromEntries([
      ...Object.entries(record).map(([name, slot]) => [name, slot.toArray()]),
      ...Object.entries(wanted)
        .filter(([name]) => !record[name])
        .map(([name, shape]) => [name, new Float64Array(sizeOf(shape))]),
    ]);
  }

  clear(): void {
    for (const record of this.records) for (const slot of Object.values(record)) slot.data.fill(0);
  }

  dispose(): void {
    for (const [i, record] of this.records.entries()) {
      for (const slot of Object.values(record)) slot.dispose();
      this.records[i] = {};
    }
  }
}
