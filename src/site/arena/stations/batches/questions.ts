/** The questions of the station of batches, which the library answers. */
import { noisyBowl, race } from "../../../../landscape/index.js";
import { short } from "../../draw/scale.js";
import { labEngine } from "../../lab/engine.js";
import type { Question } from "../../parts/question.js";
import { noise, throughOrigin } from "./line.js";

export function quarterQuestion(start: readonly number[], show: () => void): Question {
  return {
    ask: "Batches of 4 rows instead of single ones: by which factor does the variance of their gradients fall?",
    async check(answer) {
      const [one, four] = noise(await labEngine(), start, 0, 200, [1, 4]);
      const factor = one.variance / four.variance;
      return {
        right: Math.abs(answer / factor - 1) < 0.1,
        say: `${short(factor, 3)}, measured over 200 passes: about as many times as there are rows in a batch, and a little more, since 4 of 64 rows are drawn without repetition.`,
      };
    },
    show,
  };
}

/** Gradient descent on x² + y² with noise of one unit, as it has settled. */
async function restOf(batch: number): Promise<number> {
  const engine = await labEngine();
  const noisy = noisyBowl({ batch, seed: 1 });
  const { runs } = await race(noisy, ["sgd"], { start: [0, 0], steps: 20_000, rates: 0.1, engine });
  const settled = runs[0].path.slice(200);
  return settled.reduce((sum, [x, y]) => sum + x * x + y * y, 0) / (2 * settled.length);
}

export function restQuestion(): Question {
  const choices = ["Half as wide", "A quarter as wide", "A sixteenth as wide"];
  return {
    ask: "At a constant rate, descent with noisy gradients ends in a cloud about the minimum. With batches 16 times as large, how wide is the cloud?",
    choices,
    async check(answer) {
      const [one, sixteen] = [await restOf(1), await restOf(16)];
      const narrower = (one / sixteen) ** 0.5;
      const right = [2, 4, 16].reduce(
        (best, each, i, all) => (Math.abs(each - narrower) < Math.abs(all[best] - narrower) ? i : best),
        0,
      );
      return {
        right: answer === right,
        say: `On the noisy bowl at η = 0.1 the variance along an axis is ${short(one, 3)} and ${short(sixteen, 3)}, and ησ²/(4B(1 − η)) gives ${short(0.1 / 3.6, 3)} and ${short(0.1 / 3.6 / 16, 3)}: the width is its root.`,
      };
    },
  };
}

export function handQuestion(): Question {
  return {
    ask: "By hand: y = θx for the points (1, 2), (2, 4), (3, 5) and (4, 8), from θ = 1 at η = 0.01. One step on all four leads to 1.135. Where do two lead, the first on points 1 and 3, the second on 2 and 4?",
    async check(answer) {
      const engine = await labEngine();
      const [a, b, c, d]: [number, number][] = [
        [1, 2],
        [2, 4],
        [3, 5],
        [4, 8],
      ];
      const [all] = throughOrigin(engine, [[a, b, c, d]], 0.01);
      const steps = throughOrigin(
        engine,
        [
          [a, c],
          [b, d],
        ],
        0.01,
      );
      const [first, second] = steps.map(({ gradient, to }) => `${short(gradient[0])}, to θ = ${short(to[0])}`);
      return {
        right: Math.abs(answer - steps[1].to[0]) < 0.001,
        say: `The gradients are ${first}, and there ${second}: the second is taken where the first step has led. That of all four at θ = 1 is ${short(all.gradient[0])}.`,
      };
    },
  };
}
