/** Work that finds no memory: at every place where it asks for some, and what must then be as it was. */
import { expect } from "vitest";
import { outOfMemory, type Ref } from "../../src/engine/backend.js";
import type { Engine } from "../../src/engine/engine.js";
import type { Tensor } from "../../src/engine/tensor.js";
import type { BackendRow } from "./backends.js";
import { difference } from "./numbers.js";

/** Does something with the request number `refused` (from 0) for the engine's memory turned down. */
function refusing<T>(engine: Engine, refused: number, run: () => T): T {
  const memory = engine.implementation as { allocate(length: number): Ref };
  const { allocate } = memory;
  let asked = 0;
  memory.allocate = (length) => {
    if (asked++ === refused) throw outOfMemory(length * 4, engine.bytesInUse, 4096);
    return allocate.call(memory, length);
  };
  try {
    return run();
  } finally {
    memory.allocate = allocate;
  }
}

/** A piece of work: what it does, and all numbers that it may change. */
export interface Work {
  act(): unknown;
  state(): unknown;
}
export type Setup = (engine: Engine) => Work;

/** Arrays in what `state` gives, one after another, and the rest as text. */
export function plain(value: unknown): { arrays: Float32Array[]; text: string } {
  const arrays: Float32Array[] = [];
  const text = JSON.stringify(value, (_, part) => {
    if (!(part instanceof Float32Array)) return typeof part === "number" && !Number.isFinite(part) ? `${part}` : part;
    arrays.push(part.slice());
    return `array ${arrays.length} of ${part.length}`;
  });
  return { arrays, text };
}

export function same(got: ReturnType<typeof plain>, want: ReturnType<typeof plain>, what: string): void {
  expect(got.text, what).toBe(want.text);
  for (const [i, array] of got.arrays.entries())
    expect(difference(array, want.arrays[i]), `${what}: array ${i + 1}`).toBeUndefined();
}

/** Runs the work with each of its requests refused in turn, and to the end; returns how many there were. */
export async function everyRefusal({ create }: BackendRow, setup: Setup): Promise<number> {
  using first = await create();
  const whole = setup(first);
  whole.act();
  const want = plain(whole.state());
  for (let refused = 0; ; refused++) {
    using engine = await create();
    const { act, state } = setup(engine);
    const before = plain(state());
    let error: unknown;
    try {
      refusing(engine, refused, act);
    } catch (thrown) {
      error = thrown;
    }
    if (error !== undefined) {
      expect(error).toBeInstanceOf(RangeError);
      expect((error as Error).message).toMatch(
        /^out of memory: a request of \S+ MiB with \S+ MiB in use .*and a limit of/,
      );
      same(plain(state()), before, `after refusal ${refused}`);
      act();
    }
    same(plain(state()), want, error === undefined ? "not refused" : `once more after refusal ${refused}`);
    expect(engine.bytesInUse).toBe(first.bytesInUse);
    if (error === undefined) return refused;
  }
}

/** Numbers and gradients; a gradient that is not there counts as zeros, which it is when it is made. */
export const values = (tensors: readonly Tensor[]) =>
  tensors.map((p) => [p.toArray(), p.hasGradient ? p.grad.slice() : new Float32Array(p.size)]);
