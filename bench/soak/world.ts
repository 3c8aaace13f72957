/** What a soak works on: an engine with a model and an optimizer, and the same on the js backend as a reference. */
import * as t from "../../src/index.js";
import { difference, uniform } from "../../test/support/numbers.js";
import { type AnyFactory, type Hyper, rows } from "../../test/support/options.js";

/** Something that is not as it should be. */
export class Fault extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: any rule
type AnyOptimizer = t.Optimizer<any, any>;

const OURS =
  /expected .+, got |^out of memory: |^this tensor belongs to |a worker thread was lost|^training diverged at /s;
export const ABORTED = new Error("aborted by the soak");
const LOST = /a worker thread was lost/;
const FULL = /^out of memory: /;

/** Refuses errors that are not ours; returns the message. */
function ours(error: unknown): string {
  if (error === ABORTED) return "aborted";
  if (error instanceof Error && OURS.test(error.message) && !(error instanceof Fault)) return error.message;
  throw error;
}

/** One of the two engines, and what was made on it. */
export interface Side {
  engine: t.Engine;
  model: t.Model;
  opt: AnyOptimizer;
}

export class World {
  readonly next: () => number;
  readonly tested: Side;
  readonly reference: Side;
  readonly data: { x: number[][]; y: number[][] | Int32Array };
  readonly loss: t.Loss;
  readonly title: string;
  readonly #make: (engine: t.Engine) => Side;

  private constructor(next: () => number, engine: t.Engine, js: t.Engine) {
    this.next = next;
    this.next = next;
    const width = 1 + Math.floor(next() * 12);
    const hidden = 1 + Math.floor(next() * 40);
    const classes = 2 + Math.floor(next() * 4);
    const count = 4 + Math.floor(next() * 40);
    const labelled = next() < 0.5;
    const seed = Math.floor(next() * 1e6);
    const { factory, hyper, title } = rows[Math.floor(next() * rows.length)];
    const wrap = this.#wrapper(factory);
    const layers = next() < 0.5;
    this.title = `${title} on ${engine.reason}`;
    this.#make = (on) => {
      const model = t.sequential(
        on,
        layers
          ? [t.dense(width, hidden), t.layerNorm(hidden), t.gelu(), t.dropout(0.1), t.dense(hidden, classes)]
          : [t.dense(width, hidden), t.relu(), t.dense(hidden, classes)],
        { seed },
      );
      return { engine: on, model, opt: wrap(factory(model.parameters(), hyper as Hyper)) };
    };
    const x = Array.from({ length: count }, (_, i) => [...uniform(width, seed + i)]);
    const y = labelled
      ? Int32Array.from(x, (_, i) => i % classes)
      : Array.from({ length: count }, (_, i) => [...uniform(classes, seed - i)]);
    this.data = { x, y };
    this.loss = labelled ? t.softmaxCrossEntropy : t.mse;
    this.reference = this.#make(js);
    this.tested = this.#make(engine);
  }

  static async create(next: () => number): Promise<World> {
    const threads = 1 + Math.floor(next() * 4);
    const pool = { least: 0, grain: 16 }; // splits what would be too little to split
    const engine = await t.createEngine({
      simd: "strict",
      threads,
      maxMemoryMiB: 8 + Math.floor(next() * 56),
      ...(next() < 0.5 && { pool }),
    });
    return new World(next, engine, await t.createEngine({ backend: "js" }));
  }

  #wrapper(factory: AnyFactory): (opt: AnyOptimizer) => AnyOptimizer {
    const which = Math.floor(this.next() * 6);
    if (which === 0) return (opt) => t.lookahead(opt, { k: 3 });
    if (factory.rule.closure === "required") return (opt) => opt;
    if (which === 1) return (opt) => t.accumulate(opt, 2);
    if (which === 2) return (opt) => t.sam(opt);
    return (opt) => opt;
  }

  /** The same again, from the start, on the same two engines. */
  fresh(): [tested: Side, reference: Side] {
    const reference = this.#make(this.reference.engine);
    return [this.#make(this.tested.engine), reference];
  }

  /** Runs the same on both sides. Returns false if the tested engine ran out of memory or lost a worker; a refusal must be the same on both. */
  async both(run: (side: Side) => unknown, sides: readonly [Side, Side] = [this.tested, this.reference]) {
    const found: string[] = [];
    for (const side of sides) {
      try {
        await run(side);
        found.push("");
      } catch (error) {
        found.push(ours(error));
        if (side === sides[0] && (FULL.test(found[0]) || LOST.test(found[0]))) return false;
      }
    }
    if (found[0] !== found[1]) throw new Fault(`${this.title}: "${found[0]}", and on js "${found[1]}"`);
    this.compare(sides);
    return true;
  }

  compare([tested, reference]: readonly [Side, Side] = [this.tested, this.reference]): void {
    for (const [i, p] of tested.model.parameters().entries()) {
      const wrong = difference(p.data, reference.model.parameters()[i].data);
      if (wrong !== undefined) throw new Fault(`${this.title}: parameter ${i}: ${wrong}`);
    }
  }

  /** Disposes of all, in some order; nothing may be left. */
  end(): void {
    for (const { engine, model, opt } of [this.tested, this.reference]) {
      if (this.next() < 0.2) engine.dispose(); // what is disposed after its engine does nothing
      if (this.next() < 0.5) model.dispose();
      opt.dispose();
      model.dispose();
      if (engine.bytesInUse !== 0)
        throw new Fault(`${this.title}: ${engine.bytesInUse} bytes in use after all is disposed`);
      engine.dispose();
    }
  }

  abandon(): void {
    this.tested.engine.dispose();
    this.reference.engine.dispose();
  }
}
