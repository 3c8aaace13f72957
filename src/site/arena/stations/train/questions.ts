/** The questions of the station: one by hand, one by a run of its own. */
import { short } from "../../draw/scale.js";
import type { Question } from "../../parts/question.js";
import { SETS } from "./sets.js";
import { resultOf } from "./trainer.js";

export function chance(): Question {
  return {
    ask: "A network that knows nothing gives each of ten digits a tenth. What is its cross-entropy?",
    check: (answer) => ({
      right: Math.abs(answer - Math.log(10)) < 0.02,
      say: `ln 10 = ${short(Math.log(10))}: a loss above it says that the network is worse than a guess.`,
    }),
  };
}

export function withoutHidden(show: () => void): Question {
  return {
    ask: "How many of the digits held out, in per cent, does a network without any hidden layer get right after 20 epochs?",
    async check(answer) {
      const settings = {
        target: "64",
        hidden: [],
        optimizer: "adamw",
        schedule: "cosine" as const,
        epochs: 20,
        validation: 0.2,
        seed: 1,
        simd: "strict" as const,
      };
      const { held } = await resultOf({ ...(await SETS.digits.load()), settings, backend: "wasm" });
      const right = (held?.accuracy ?? 0) * 100;
      return {
        right: Math.abs(answer - right) <= 1.5,
        say: `${right.toFixed(1)} %, trained just now: a straight line between classes goes a long way on pixels.`,
      };
    },
    show,
  };
}
