import type { EngineCore } from "../../engine/core.js";
import { Doubles } from "../../engine/doubles.js";
import { type Shape, type Tensor, tensorOf } from "../../engine/tensor.js";
import type { Rule } from "./rule.js";

/** The working memory of the steps of one group, by name and shape: zero at first, then what the last step left. */
export class Scratch {
  readonly #engine: EngineCore;
  readonly #floats = new Map<string, Tensor>();
  readonly #doubles = new Map<string, Doubles>();

  constructor(engine: EngineCore) {
    this.#engine = engine;
  }

  floats(name: string, shape: Shape): Tensor {
    const key = `${name} [${shape}]`;
    const tensor = this.#floats.get(key) ?? tensorOf(this.#engine, shape);
    this.#floats.set(key, tensor);
    return tensor;
  }

  doubles(name: string, shape: Shape): Doubles {
    const key = `${name} [${shape}]`;
    const made = this.#doubles.get(key) ?? new Doubles(this.#engine, shape);
    this.#doubles.set(key, made);
    return made;
  }

  /** Allocates all that a step needs with a parameter of this shape. */
  // biome-ignore lint/suspicious/noExplicitAny: for any rule
  reserve<H extends object>(rule: Rule<H, any>, h: H, shape: Shape): void {
    for (const [name, dims] of Object.entries(rule.scratch?.(h, shape) ?? {})) this.floats(name, dims);
    for (const [name, dims] of Object.entries(rule.scratchDoubles?.(h, shape) ?? {})) this.doubles(name, dims);
    rule.reserve?.(this.#engine, h, shape);
  }

  dispose(): void {
    for (const one of this.#floats.values()) one.dispose();
    for (const one of this.#doubles.values()) one.dispose();
    this.#floats.clear();
    this.#doubles.clear();
  }
}
