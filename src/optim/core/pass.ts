import type { Pass, Rule, StepContext } from "./rule.js";

/** The most scalars that a kernel takes, gradScale included. */
export const MAX_SCALARS = 17;
export const ALL_SLOTS = 1000;

/**
 * The pass that a group keeps and refills at every step, so that a step leaves no garbage. Two things here are for V8
 * (measured on adamw, Node 20 and 24; either one missing costs 112 bytes a step, as every scalar is boxed):
 *
 * - `scalars` has a fixed arity and no defaults. A rest parameter is an array a call; defaults for what is not given are
 *   190 bytes of bytecode, too many for V8 to inline it into a step. The scalars left out are NaN, which no kernel reads.
 * - `fill` calls `prepare` through `apply`, which V8 does not inline: were `prepare` inlined into a step, there would be
 *   no room left for `scalars` beside it.
 */
export class FilledPass<H extends object, S extends object> implements Pass {
  kernel = "";
  slots = ALL_SLOTS;
  /** gradScale first; rounded to f32 as they are set. */
  readonly values = new Float32Array(MAX_SCALARS);
  /** The arguments of `prepare`: one list, refilled at every call. */
  readonly #given: [H | undefined, S | undefined, number, Pass] = [undefined, undefined, 0, this];

  /** Has the rule choose the kernel and its scalars for the step of the context. */
  fill(rule: Rule<H, S>, c: StepContext<H, S>): void {
    const given = this.#given;
    given[0] = c.hyper;
    given[1] = c.state;
    given[2] = c.t;
    rule.prepare!.apply(rule, given as [H, S, number, Pass]);
    this.values[0] = c.gradScale;
  }

  // biome-ignore format: as in the interface
  scalars(a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number, h?: number, i?: number, j?: number, k?: number, l?: number, m?: number, n?: number, o?: number, p?: number): void {
    const v = this.values;
    v[1] = a!; v[2] = b!; v[3] = c!; v[4] = d!; v[5] = e!; v[6] = f!; v[7] = g!; v[8] = h!;
    v[9] = i!; v[10] = j!; v[11] = k!; v[12] = l!; v[13] = m!; v[14] = n!; v[15] = o!; v[16] = p!;
  }
}
