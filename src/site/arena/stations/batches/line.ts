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

/** Gradient descent on all points, and on one batch at each step; which rows each of these batches had. */
export function descents(
  engine: Engine,
  start: readonly number[],
  o: { lr: number; batchSize: number; seed: number; steps: number },
): { full: TraceStep[]; mini: TraceStep[]; rows: number[][] } {
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
  const rows: number[][] = [];
  const full = run(() => line.data);
  const mini = run(() => {
    const batch = nextBatch();
    // Points stand at x = i/16 − 1, exactly in f32 too.
    rows.push(Array.from((batch.x as Tensor).toArray(), (x) => 16 * (x + 1)));
    return batch;
  });
  return { full, mini, rows };
}

/** The line through the origin, y = θx, of the worked example: a step on all points, or one on each batch in turn. */
export function throughOrigin(
  engine: Engine,
  groups: readonly (readonly [number, number])[][],
  lr: number,
): TraceStep[] {
  const model = sequential(engine, [dense(1, 1, { bias: false })]);
  const [weight] = model.parameters();
  try {
    return trace(engine, "sgd", { lr }, [1], groups.length, (at, step, out) => {
      const column = (k: 0 | 1): Tensor =>
        engine.tensor(
          [groups[step].length, 1],
          groups[step].map((point) => point[k]),
        );
      const [x, y] = [column(0), column(1)];
      weight.data[0] = at[0];
      weight.grad.fill(0);
      const { value, grad } = mse(model.forward(x), y);
      model.backward(grad, { inputGrad: false });
      out[0] = weight.grad[0];
      x.dispose();
      y.dispose();
      return value;
    });
  } finally {
    model.dispose();
  }
}
