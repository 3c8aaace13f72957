/** Streams of gradients of one parameter, each with the code that makes the same in Node. */
import { noisyBowl } from "../../../landscape/index.js";

export interface Stream {
  readonly name: string;
  readonly label: string;
  /** The gradient of a step, counted from 0, of so many. */
  at(step: number, steps: number, seed: number): number;
  /** The same as an expression of t, steps and seed. */
  readonly code: string;
}

// Half-way to its right the bowl has the slope 1.
const noisy = (step: number, seed: number): number => noisyBowl({ seed }).noisyGrad([0.5, 0], step)[0];

export const STREAMS: readonly Stream[] = [
  { name: "constant", label: "Constant, 1", at: () => 1, code: "1" },
  {
    name: "noisy",
    label: "Noisy, 1 ± 1",
    at: (step, _, seed) => noisy(step, seed),
    code: "noisyBowl({ seed }).noisyGrad([0.5, 0], t)[0]",
  },
  { name: "falling", label: "Falling, 1/(1 + t/20)", at: (step) => 1 / (1 + step / 20), code: "1 / (1 + t / 20)" },
  {
    name: "jump",
    label: "Ten times larger half-way",
    at: (step, steps) => (step < steps / 2 ? 1 : 10),
    code: "t < steps / 2 ? 1 : 10",
  },
  {
    name: "burst",
    label: "A burst of 100 at step 20",
    at: (step) => (step === 20 ? 100 : 1),
    code: "t === 20 ? 100 : 1",
  },
  { name: "rare", label: "One step in ten", at: (step) => (step % 10 === 9 ? 1 : 0), code: "t % 10 === 9 ? 1 : 0" },
];

export const STREAM_NAMES = STREAMS.map(({ name }) => name);
export const STREAM_OPTIONS = STREAMS.map(({ name, label }) => ({ value: name, label }));
export const streamOf = (name: string): Stream => STREAMS.find((each) => each.name === name)!;

export const gradientsIn = (name: string, steps: number, seed: number): number[] =>
  Array.from({ length: steps }, (_, step) => streamOf(name).at(step, steps, seed));

/** Lines of code that make the stream as `gradients`, and what they import. */
export function streamCode(name: string, steps: number, seed: number): { imports: string; lines: string } {
  const { code } = streamOf(name);
  const seeded = code.includes("seed");
  const used = [code.includes("steps") ? `const steps = ${steps};\n` : "", seeded ? `const seed = ${seed};\n` : ""];
  const length = code.includes("steps") ? "steps" : `${steps}`;
  return {
    imports: seeded ? 'import { noisyBowl } from "thalweg/landscapes";\n' : "",
    lines: `${used.join("")}const gradients = Array.from({ length: ${length} }, ${/\bt\b/.test(code) ? "(_, t)" : "()"} =>${code.length > 14 ? "\n  " : " "}${code});`,
  };
}
