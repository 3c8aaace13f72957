/**
 * A seeded xoroshiro128+ generator that gives the same numbers on every host and whose state can be saved. Normal
 * deviates need a logarithm, which comes from `src/math/f64.ts` because the host's own may differ. Beside it the keys of the
 * counter-based generator, whose draws are a function of (seed, step) and the position.
 */
import { checkNumber } from "../check.js";
import { mixed } from "./f32.js";
import { log } from "./f64.js";
import { uniformFloat64, uniformInt, xoroshiro128plusFromState } from "./pureRand.js";

export interface Random {
  /** A number in [0, 1), with 53 random bits. */
  uniform(): number;
  /** A standard normal deviate (polar method: Marsaglia and Bray, SIAM Review 6, 1964). */
  normal(): number;
  /** Shuffles the elements in place (Fisher and Yates). */
  shuffle(order: Int32Array): void;
  /** The generator's state, for `random(state)`. */
  state(): readonly number[];
}

/** Makes a generator from a whole-number seed, or restores one from its saved state. */
export function random(seed: number | readonly number[]): Random {
  if (typeof seed === "number") checkNumber("seed", seed, "a whole number", Number.isSafeInteger);
  const generator = xoroshiro128plusFromState(typeof seed === "number" ? stateOf(seed) : seed);
  // Seeds that differ in few bits start with similar states: mix the state before the first number is drawn.
  if (typeof seed === "number") for (let i = 0; i < 32; i++) generator.next();
  const uniform = () => uniformFloat64(generator);
  return {
    uniform,
    normal() {
      for (;;) {
        const x = 2 * uniform() - 1;
        const y = 2 * uniform() - 1;
        const s = x * x + y * y;
        // The second deviate of the pair is discarded, so that the generator's state is all there is to save.
        if (s > 0 && s < 1) return x * Math.sqrt((-2 * log(s)) / s);
      }
    },
    shuffle(order) {
      for (let i = order.length - 1; i > 0; i--) {
        const j = uniformInt(generator, 0, i);
        const moved = order[i];
        order[i] = order[j];
        order[j] = moved;
      }
    },
    state: () => generator.getState(),
  };
}

/** The initial state for a seed: pure-rand's own, with the bits of the seed above the lowest 32 in the last word. */
const stateOf = (seed: number): readonly number[] => [-1, ~seed, seed | 0, Math.floor(seed / 2 ** 32)];

/**
 * Half of a key of the counter-based generator (`uniform` of f32.ts) for one stream of draws, such as a layer's, in one
 * step; the two halves, and what draws for other purposes, have different salts.
 */
export function counterKey(at: { readonly seed: number; readonly step: number }, stream: number, salt: number): number {
  const { seed, step } = at;
  let h = salt;
  h = mixed(h ^ seed);
  h = mixed(h ^ Math.floor(seed / 2 ** 32));
  h = mixed(h ^ step);
  h = mixed(h ^ Math.trunc(step / 2 ** 32));
  return mixed(h ^ stream);
}
