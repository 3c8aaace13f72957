/** A line fitted to 64 points by a layer of the library: gradients of its batches, their noise, and runs on them. */
import {
  type Batch,
  batches,
  dense,
  type Engine,
  gradientNoise,
  type Model,
  mse,
  sequential,
  type Tensor,
} from "../../../../index.js";
import { regressionBowl } from "../../../../landscape/index.js";
import { type TraceStep, trace } from "../../lab/trace.js";

export const ROWS = 64;
/** The points, and the code that makes them. */
export const POINTS_CODE = `const points = Array.from({ length: 64 }, (_, i) => {
  const x = i / 16 - 1;
  return [x, 2 * x + 4 * ((i * 0.618034) % 1) - 1];
});`;
export const points = Array.from({ length: ROWS }, (_, i): [number, number] => {
  const x = i / 16 - 1;
  return [x, 2 * x + 4 * ((i * 0.618034) % 1) - 1];
});
export const bowl = regressionBowl(points);

/** Batch sizes that are measured. */
export const SIZES = [1, 2, 4, 8, 16, 32, 64] as const;

interface Made {
  readonly model: Model;
  readonly data: { readonly x: Tensor; readonly y: Tensor };
}
let made: { of: Engine; line: Made } | undefined;

function lineOf(engine: Engine): Made {
  if (made?.of === engine) return made.line;
  const column = (k: 0 | 1): Tensor =>
    engine.tensor(
      [ROWS, 1],
      points.map((point) => point[k]),
    );
  made = { of: engine, line: { model: sequential(engine, [dense(1, 1)]), data: { x: column(0), y: column(1) } } };
  return made.line;
}

/** Puts the line θ₀ + θ₁x into the layer, whose parameters are the weight and the bias. */
function put({ model }: Made, at: ArrayLike<number>): void {
  const [weight, bias] = model.parameters();
  [bias.data[0], weight.data[0]] = [at[0], at[1]];
}

/** The gradient of a batch at a line. */
function gradientOf(line: Made, at: ArrayLike<number>, { x, y }: Batch): [number, number] {
  const { model } = line;
  put(line, at);
  const [weight, bias] = model.parameters();
  weight.grad.fill(0);
  bias.grad.fill(0);
  model.backward(mse(model.forward(x), y as Tensor).grad, { inputGrad: false });
  return [bias.grad[0], weight.grad[0]];
}

/** The gradients of the batches of one pass over the points, and that of all of them. */
export function cloud(engine: Engine, at: readonly number[], batchSize: number, seed: number) {
  const line = lineOf(engine);
  const loader = batches(engine, line.data, { batchSize, seed, dropLast: true });
  const each = Array.from(loader, (batch) => gradientOf(line, at, batch));
  return { each, whole: gradientOf(line, at, line.data) };
}

export interface Measured {
  readonly size: number;
  readonly batches: number;
  readonly variance: number;
  /** S²/B · (N − B)/(N − 1), with the variance S² of the rows themselves. */
  readonly expected: number;
}

/** The variance of batches of some sizes, measured over some passes. */
export function noise(
  engine: Engine,
  at: readonly number[],
  seed: number,
  passes = 10,
  sizes: readonly number[] = SIZES,
): Measured[] {
  const line = lineOf(engine);
  put(line, at);
  const of = (batchSize: number) => gradientNoise(line.model, line.data, { loss: mse, batchSize, passes, seed });
  const single = of(1);
  return sizes.map((size) => {
    const { variance, batches } = size === 1 ? single : of(size);
    return { size, batches, variance, expected: (single.variance / size) * ((ROWS - size) / (ROWS - 1)) };
  });
}

/** Gradient descent on all points, and on one batch at each step. */
export function descents(
  engine: Engine,
  start: readonly number[],
  o: { lr: number; batchSize: number; seed: number; steps: number },
): { full: TraceStep[]; mini: TraceStep[] } {
  const line = lineOf(engine);
  const run = (next: () => Batch): TraceStep[] =>
    trace(engine, "sgd", { lr: o.lr }, start, o.steps, (at, _, out) => {
      out.set(gradientOf(line, at, next()));
      return bowl.f(at);
    });
  const loader = batches(engine, line.data, { batchSize: o.batchSize, seed: o.seed, dropLast: true });
  let pass = loader[Symbol.iterator]();
  const nextBatch = (): Batch => {
    let { value, done } = pass.next();
    if (done) {
      pass = loader[Symbol.iterator]();
      ({ value, done } = pass.next());
    }
    return value!;
  };
  return { full: run(() => line.data), mini: run(nextBatch) };
}
