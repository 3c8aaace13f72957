import { rangeError, typeError } from "../../check.js";
import { padded, type Ref } from "../../engine/backend.js";
import type { Block, EngineCore } from "../../engine/core.js";
import { extraKernels } from "../../engine/extraKernels.js";
import { Tensor } from "../../engine/tensor.js";
import { isFloat32 } from "../../host/realm.js";
import { adjoins, extent, runsOf, stretch } from "../core/spans.js";

/** Neighbouring parameters and their copies, for one kernel call. */
interface Stretch {
  n: number;
  live: Ref;
  held: Ref;
}

/** A copy of parameters, in one allocation and in their order: averages, slow weights, or the point to which SAM returns. */
export class ParameterCopy {
  /** The copies, one for each parameter. */
  readonly tensors: readonly Tensor[];
  readonly params: readonly Tensor[];
  readonly #engine: EngineCore;
  readonly #block: Block;
  readonly #stretches: Stretch[];
  readonly #attached: readonly Tensor[];

  /** Copies the parameters. Throws if there is no memory. */
  constructor(params: readonly Tensor[], owner: string) {
    const [{ engine }] = params as [Tensor];
    const lengths = params.map(({ size }) => padded(size));
    this.params = params;
    this.#engine = engine;
    this.#attached = params.filter(({ attached }) => attached);
    extraKernels(engine);
    this.#block = engine.allocate(lengths.reduce((total, length) => total + length, 0));
    let offset = 0;
    this.tensors = params.map(({ shape }, i) => {
      const length = lengths[i];
      const ref = engine.implementation.at(this.#block.ref, offset, length);
      const tensor = new Tensor(engine, shape, { ref, length, owner, base: this.#block.ref, offset });
      offset += length;
      return tensor;
    });
    const follows = (a: number, b: number) => adjoins(params[a], params[b]);
    this.#stretches = runsOf([...params.keys()], follows).map((run) => {
      const live = run.map((i) => params[i]);
      const held = run.map((i) => this.tensors[i]);
      return { n: extent(live), live: stretch(engine, live), held: stretch(engine, held) };
    });
    this.take();
  }

  /** Bytes of the copies, with padding. */
  get bytes(): number {
    return this.#block.bytes;
  }

  /** Copies the parameters: y = x. */
  take(): void {
    const { copy } = this.#engine.kernels;
    this.pull();
    for (const { n, live, held } of this.#stretches) copy(n, live, held);
  }
  /** Copies back to the parameters: x = y. */
  give(): void {
    const { copy } = this.#engine.kernels;
    for (const { n, live, held } of this.#stretches) copy(n, held, live);
    this.push();
  }
  /** Moves the copies towards the parameters: y = y + w (x - y). */
  approach(w: number): void {
    const { lerp } = extraKernels(this.#engine);
    this.pull();
    for (const { n, live, held } of this.#stretches) lerp(n, live, held, w);
  }
  /** Exchanges copies and parameters. */
  swap(): void {
    const { swap } = extraKernels(this.#engine);
    this.pull();
    for (const { n, live, held } of this.#stretches) swap(n, live, held);
    this.push();
  }

  /** Copies the caller's attached arrays to the engine's memory. */
  pull(): void {
    for (const tensor of this.params) tensor.alive("params");
    for (const tensor of this.#attached) tensor.pullData();
  }
  /** Copies the engine's memory to them. */
  push(): void {
    for (const tensor of this.#attached) tensor.push();
  }

  saved(): Float32Array[] {
    return this.tensors.map((tensor) => tensor.toArray());
  }
  load(saved: readonly Float32Array[]): void {
    for (const [i, array] of saved.entries()) this.tensors[i].copyFrom(array);
  }

  dispose(): void {
    for (const tensor of this.tensors) tensor.retire();
    this.#engine.free(this.#block);
  }
}

/** Refuses anything but one saved array for each parameter, of its size. */
export function checkSaved(name: string, saved: unknown, params: readonly Tensor[]): asserts saved is Float32Array[] {
  if (!Array.isArray(saved)) throw typeError(name, "an array", saved);
  if (saved.length !== params.length) throw rangeError(name, `${params.length} arrays`, saved);
  for (const [i, { size }] of params.entries()) {
    const array: unknown = saved[i];
    if (!isFloat32(array)) throw typeError(`${name}[${i}]`, "a Float32Array", array);
    if (array.length !== size) throw rangeError(`${name}[${i}]`, `${size} numbers`, array);
  }
}
