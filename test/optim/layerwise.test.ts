/**
 * The rules that scale the step of each tensor by its norm, under combinations of options that no golden file has, beside
 * their references' code written out in f64: zero tensors, gradients that are zero for a while, schedules, maximize.
 */
import { describe, expect, it } from "vitest";
import { fromage, lamb, larc, lars, novograd } from "../../src/index.js";
import { backends, shared } from "../support/backends.js";
import { uniform } from "../support/numbers.js";
import type { AnyFactory, Hyper } from "../support/options.js";

type Vector = number[];
const norm = (x: Vector) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
const axpy = (s: number, x: Vector, y: Vector): Vector => y.map((v, i) => v + s * x[i]);
const scaled = (s: number, x: Vector): Vector => x.map((v) => s * v);
const SIZE = 24;
const STEPS = 12;
const STARTS: Record<string, Vector> = {
  usual: [...uniform(SIZE, 1)],
  zeros: new Array(SIZE).fill(0),
};
/** Gradients of one tensor: all zero at first, and at two later steps; a large one; tiny ones. */
const gradients = (start: string): Vector[] =>
  Array.from({ length: STEPS }, (_, t) => {
    const size = t === 6 ? 100 : t === 9 ? 1e-12 : 1;
    return t === (start === "usual" ? 4 : 0) || t === 7
      ? new Array(SIZE).fill(0)
      : scaled(size, [...uniform(SIZE, 50 + t)]);
  });
const rateAt = (lr: number) => (t: number) => lr * (1 - t / 20);

/** A reference: from the start, a function of the gradient, the rate and the step from 1 to the next parameters. */
type Reference = (h: Hyper) => (theta: Vector, g: Vector, lr: number, t: number) => Vector;

/** timm's Lars: the ratio scales the gradient, SGD does the rest. */
const timm: Reference = (h) => {
  const {
    momentum = 0,
    dampening = 0,
    weight_decay: wd = 0,
    nesterov,
    eps = 1e-8,
    trust_clip,
  } = h as Record<string, number>;
  let buffer: Vector | undefined;
  return (theta, g, lr) => {
    let ratio = (h.trust_coeff as number) * norm(theta);
    ratio /= norm(g) + norm(theta) * wd + eps;
    if (!(norm(theta) > 0 && norm(g) > 0)) ratio = 1;
    if (h.adapt === false) ratio = 1;
    else if (trust_clip) ratio = Math.min(ratio / lr, 1);
    const grad = scaled(ratio, axpy(wd, theta, g));
    if (momentum === 0) return axpy(-lr, grad, theta);
    buffer = buffer ? axpy(1 - dampening, grad, scaled(momentum, buffer)) : grad;
    return axpy(-lr, nesterov ? axpy(momentum, buffer, grad) : buffer, theta);
  };
};

/** Optax's lars: decay, then the ratio by the norm of both, the rate, and the trace. */
const optax: Reference = (h) => {
  const { momentum = 0.9, weight_decay: wd = 0, nesterov, eps = 0, trust_coeff } = h as Record<string, number>;
  let trace: Vector = new Array(SIZE).fill(0);
  return (theta, g, lr) => {
    const decayed = axpy(wd, theta, g);
    const [p, u] = [norm(theta), norm(decayed)];
    const update = scaled(lr * (p === 0 || u === 0 ? 1 : (trust_coeff * p) / (u + eps)), decayed);
    trace = axpy(momentum, trace, update);
    return axpy(-1, nesterov ? axpy(momentum, trace, update) : trace, theta);
  };
};

const lambReference: Reference = (h) => {
  const { wd = 0, eps = 1e-6, clip, keras, plain, uncorrected } = h as Record<string, number>;
  let [m, v] = [new Array(SIZE).fill(0), new Array(SIZE).fill(0)];
  return (start, g, lr, t) => {
    const theta = keras ? scaled(1 - lr * wd, start) : start;
    m = axpy(0.1, g, scaled(0.9, m));
    v = axpy(
      0.01,
      g.map((x) => x * x),
      scaled(0.99, v),
    );
    const [c1, c2] = uncorrected ? [1, 1] : [1 - 0.9 ** t, 1 - 0.99 ** t];
    let r = m.map((x, i) => x / c1 / (Math.sqrt(v[i] / c2) + eps));
    if (!keras) r = axpy(wd, theta, r);
    let ratio = norm(theta) > 0 && norm(r) > 0 ? norm(theta) / norm(r) : 1;
    if (clip) ratio = Math.min(ratio, 1);
    return axpy(-lr * (plain ? 1 : ratio), r, theta);
  };
};

const novogradReference: Reference = (h) => {
  const { wd = 0, eps = 1e-8, averaging } = h as Record<string, number>;
  let [v, m] = [0, new Array(SIZE).fill(0)];
  return (theta, g, lr) => {
    const square = norm(g) ** 2;
    v = v === 0 ? square : 0.9 * v + 0.1 * square;
    const term = axpy(wd, theta, v === 0 && eps === 0 ? g : scaled(1 / (Math.sqrt(v) + eps), g));
    m = axpy(averaging ? 0.1 : 1, term, scaled(0.9, m));
    return axpy(-lr, m, theta);
  };
};

const fromageReference: Reference = (h) => (theta, g, lr) => {
  const least = (h.minNorm as number) ?? 0;
  const [p, u] = [Math.max(norm(theta), least), Math.max(norm(g), least)];
  return scaled(1 / Math.sqrt(1 + lr * lr), axpy(-lr * (p > 0 && u > 0 ? p / u : 1), g, theta));
};

const cases: [title: string, factory: unknown, hyper: Hyper, reference: Reference, options: Hyper][] = [
  [
    "lars, timm, Nesterov",
    lars,
    {
      lr: 0.3,
      momentum: 0.8,
      weightDecay: 0.2,
      nesterov: true,
      trustCoefficient: 0.02,
      eps: 1e-3,
      lrInMomentum: false,
    },
    timm,
    { momentum: 0.8, weight_decay: 0.2, nesterov: true, trust_coeff: 0.02, eps: 1e-3 },
  ],
  [
    "lars, timm, dampening",
    lars,
    {
      lr: 0.3,
      momentum: 0.8,
      weightDecay: 0.2,
      dampening: 0.4,
      trustCoefficient: 0.02,
      eps: 1e-8,
      lrInMomentum: false,
    },
    timm,
    { momentum: 0.8, weight_decay: 0.2, dampening: 0.4, trust_coeff: 0.02 },
  ],
  [
    "lars, timm, no momentum",
    lars,
    { lr: 0.3, momentum: 0, weightDecay: 0.2, trustCoefficient: 0.02, eps: 1e-8, lrInMomentum: false },
    timm,
    { weight_decay: 0.2, trust_coeff: 0.02 },
  ],
  [
    "lars, timm, without a ratio",
    lars,
    { lr: 0.003, momentum: 0.9, weightDecay: 0.2, layerAdaptation: false, lrInMomentum: false },
    timm,
    { momentum: 0.9, weight_decay: 0.2, adapt: false, trust_coeff: 0 },
  ],
  [
    "lars, Optax, Nesterov",
    lars,
    { lr: 0.3, weightDecay: 0.2, nesterov: true, trustCoefficient: 0.02, eps: 1e-3, normAfterDecay: true },
    optax,
    { weight_decay: 0.2, nesterov: true, trust_coeff: 0.02, eps: 1e-3 },
  ],
  [
    "lars, Optax, no decay",
    lars,
    { lr: 0.3, momentum: 0.5, trustCoefficient: 0.02, normAfterDecay: true },
    optax,
    { momentum: 0.5, trust_coeff: 0.02 },
  ],
  [
    "lars, Optax, no momentum",
    lars,
    { lr: 0.3, momentum: 0, weightDecay: 0.1, trustCoefficient: 0.02, normAfterDecay: true },
    optax,
    { momentum: 0, weight_decay: 0.1, trust_coeff: 0.02 },
  ],
  [
    "larc, Nesterov",
    larc,
    { lr: 0.01, weightDecay: 0.2, nesterov: true },
    timm,
    { momentum: 0.9, weight_decay: 0.2, nesterov: true, trust_coeff: 0.02, trust_clip: true },
  ],
  [
    "larc, no momentum, lr above 1",
    larc,
    { lr: 3, momentum: 0, trustCoefficient: 0.5 },
    timm,
    { trust_coeff: 0.5, trust_clip: true },
  ],
  [
    "larc, scale",
    larc,
    { lr: 0.5, momentum: 0.5, dampening: 0.5, weightDecay: 0.1, trustClip: false },
    timm,
    { momentum: 0.5, dampening: 0.5, weight_decay: 0.1, trust_coeff: 0.02 },
  ],
  [
    "lamb, decay",
    lamb,
    { lr: 0.02, betas: [0.9, 0.99], weightDecay: 0.3, trustClip: true },
    lambReference,
    { wd: 0.3, clip: true },
  ],
  [
    "lamb, Keras",
    lamb,
    { lr: 0.02, betas: [0.9, 0.99], weightDecay: 0.3, eps: 1e-3, decoupled: true },
    lambReference,
    { wd: 0.3, eps: 1e-3, keras: true },
  ],
  [
    "lamb, no bias correction",
    lamb,
    { lr: 0.02, betas: [0.9, 0.99], biasCorrection: false },
    lambReference,
    { uncorrected: true },
  ],
  [
    "lamb, without a ratio",
    lamb,
    { lr: 0.02, betas: [0.9, 0.99], weightDecay: 0.3, layerAdaptation: false },
    lambReference,
    { wd: 0.3, plain: true },
  ],
  [
    "novograd",
    novograd,
    { lr: 0.02, betas: [0.9, 0.9], weightDecay: 0.1, gradAveraging: true },
    novogradReference,
    { wd: 0.1, averaging: true },
  ],
  ["novograd, no ε", novograd, { lr: 0.02, betas: [0.9, 0.9], eps: 0 }, novogradReference, { eps: 0 }],
  ["fromage", fromage, { lr: 0.05 }, fromageReference, {}],
  ["fromage, least norm", fromage, { lr: 0.05, minNorm: 0.1 }, fromageReference, { minNorm: 0.1 }],
];

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(Object.keys(STARTS))("from %s", (start) => {
    it.each(cases.map((_, i) => [cases[i][0], i] as const))("%s", (_, i) => {
      const [, factory, hyper, referenceOf, options] = cases[i];
      const reference = referenceOf(options);
      const engine = own();
      using p = engine.tensor([4, 6], STARTS[start]);
      const rate = rateAt(hyper.lr as number);
      const opt = (factory as AnyFactory)([p], { ...hyper, lr: rate, maximize: true });
      let theta = [...p.data] as Vector;
      for (const [t, g] of gradients(start).entries()) {
        // Ascending along -g is descending along g.
        const values = Float32Array.from(g, (x) => -x);
        p.grad.set(values);
        opt.step(undefined, { gradScale: 2 });
        theta = reference(
          theta,
          [...values].map((x) => -2 * x),
          rate(t),
          t + 1,
        );
        const within = 2e-6 * Math.max(1, ...theta.map(Math.abs));
        for (const [k, x] of p.data.entries())
          expect(Math.abs(x - theta[k]), `step ${t + 1}, ${k}`).toBeLessThan(within);
      }
      opt.dispose();
    });
  });
});
