/**
 * D-Adapt SGD with weight decay, which the golden file does not have: compared with the authors' algorithm, written as
 * plain loops in f64. Their code (DAdaptSGD of dadaptation 3) takes the norm ‖g₁‖ of the raw gradient, and adds the
 * decay to the gradient everywhere else.
 */
import { describe, expect, it } from "vitest";
import { dadaptSgd } from "../../src/optim/dadaptSgd.js";
import { backends, shared } from "../support/backends.js";
import { expectClose, flat } from "../support/golden.js";
import { uniform } from "../support/numbers.js";

const STEPS = 20;
const SIZES = [25, 12];
const hyper = { weightDecay: 0.1, momentum: 0.5, d0: 0.01, growthRate: 1.5 };

const starts = SIZES.map((size, i) => uniform(size, i));
/** The gradients of one step: they share a direction, so that d grows. */
const gradsOf = (step: number): Float32Array[] =>
  SIZES.map((size, i) => uniform(size, 100 * step + i).map((noise) => noise * 0.5 + 0.4));

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The parameters and the estimate d after each step. */
function reference(scale: number): { theta: number[]; d: number }[] {
  const { weightDecay, momentum, d0, growthRate } = hyper;
  const start = starts.flatMap((values) => [...values]);
  let theta = [...start];
  let s = start.map(() => 0);
  let d = d0;
  let numerator = 0;
  let g0Norm = 0;
  return Array.from({ length: STEPS }, (_, step) => {
    const raw = gradsOf(step).flatMap((values) => [...values].map((g) => g * scale));
    if (step === 0) g0Norm = Math.sqrt(dot(raw, raw));
    const rate = d / g0Norm;
    const grad = raw.map((g, i) => g + weightDecay * theta[i]);
    numerator += rate * dot(grad, s);
    s = s.map((sum, i) => sum + rate * grad[i]);
    d = Math.max(d, Math.min((2 * numerator) / Math.sqrt(dot(s, s)), d * growthRate));
    theta = theta.map((x, i) => momentum * x + (1 - momentum) * (start[i] - s[i]));
    return { theta, d };
  });
}

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);

  it.each([1, 0.25])("walks the authors' path with weight decay, gradients scaled by %d", (scale) => {
    const engine = own();
    const tensors = starts.map((values) => engine.tensor(values.length, values));
    const opt = dadaptSgd(tensors, hyper);
    const path = reference(scale);
    // The steps are not all those of d0.
    expect(path.at(-1)!.d).toBeGreaterThan(2 * hyper.d0);
    for (const [step, { theta }] of path.entries()) {
      for (const [i, grads] of gradsOf(step).entries()) tensors[i].grad.set(grads);
      opt.step(undefined, { gradScale: scale });
      expectClose(flat(tensors), theta, 1e-6 * Math.max(...theta.map(Math.abs)), `step ${step + 1}`);
    }
    opt.dispose();
  });
});
