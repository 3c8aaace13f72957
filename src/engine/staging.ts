import type { Backend, Ref } from "./backend.js";

/** Memory for a copy of the caller's numbers, for kernels to read until the next copy. It grows, and is kept. */
export class Staging {
  readonly #memory: Backend;
  readonly #kind: "floats" | "ints";
  #held: { block: Ref; ref: Ref; view: Int32Array | Float32Array } | undefined;

  constructor(memory: Backend, kind: "floats" | "ints") {
    this.#memory = memory;
    this.#kind = kind;
  }

  put(values: Int32Array | Float32Array): Ref {
    let held = this.#held;
    if (held === undefined || held.view.length < values.length) {
      if (held) this.#memory.free(held.block);
      this.#held = undefined;
      const block = this.#memory.allocate(values.length);
      const ref = this.#kind === "ints" ? this.#memory.asInts(block, values.length) : block;
      held = this.#held = { block, ref, view: this.#memory[this.#kind](block, values.length) };
    } else if (this.#memory.stale(held.view)) {
      held.view = this.#memory[this.#kind](held.block, held.view.length);
    }
    held.view.set(values);
    return held.ref;
  }
}
