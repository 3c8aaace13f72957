/** The questions that lead from a situation to a recipe of the library. */

export interface Fork {
  readonly say: string;
  /** The name of a recipe, or further forks. */
  readonly to: string | readonly Fork[];
}

const of = (say: string, to: Fork["to"]): Fork => ({ say, to });

export const FORKS: readonly Fork[] = [
  of("A transformer on text", [
    of("from random weights", "language-model"),
    of("from random weights, memory is short", "memory-bound"),
    of("on batches of ten thousands of rows", "large-batch"),
    of("from trained weights", "fine-tuning"),
  ]),
  of("A network on images", [
    of("convolutional, as ResNet", "convnet"),
    of("a vision transformer", "vision-transformer"),
  ]),
  of("A network that makes images", [
    of("against a discriminator", "gan"),
    of("by removing noise: diffusion", "diffusion"),
  ]),
  of("Something else", [
    of("an agent, by reinforcement", "reinforcement"),
    of("a recurrent network", "recurrent"),
    of("sparse features, online, convex", "sparse"),
  ]),
  of("Whatever it is", [
    of("no end of the run in sight", "schedule-free"),
    of("there may be a bug: the plainest baseline", "baseline"),
  ]),
];

export const leavesOf = (forks: readonly Fork[]): string[] =>
  forks.flatMap(({ to }) => (typeof to === "string" ? [to] : leavesOf(to)));

/** Code that trains by a recipe over so many steps, to be run as it is. */
export const codeOf = (
  name: string,
  steps: number,
): string => `import { createEngine, dense, relu, sequential, softmaxCrossEntropy } from "thalweg";
import { recipe } from "thalweg/recipes";

const engine = await createEngine({ simd: "strict" });const layers = [dense(2, 8), relu(), dense(8, 2)];
const model = sequential(engine, layers, { seed: 1 });
const steps = ${steps};
const optimizer = recipe("${name}").build(model.parameters(), { steps });

const x = engine.tensor([4, 2], [0, 0, 0, 1, 1, 0, 1, 1]);
const labels = Int32Array.of(0, 1, 1, 0);
for (let step = 0; step < steps; step++) {
  const logits = model.forward(x);
  const { value, grad } = softmaxCrossEntropy(logits, labels);
  model.backward(grad);
  optimizer.step();
  optimizer.zeroGrad();
  if (step % ${Math.max(1, Math.floor(steps / 4))} === 0) console.log(step, value);
}`;
