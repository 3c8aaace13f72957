/**
 * Hessian-vector and Gauss–Newton products of every layer under every loss, compared with differences of a network in f64
 * that shares no code with the library; and the backends with each other, by bits.
 */
import { expect, test } from "vitest";
import type { Engine } from "../../../src/engine/engine.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import { gaussNewtonVectorProduct, hessianVectorProduct } from "../../../src/nn/curvature/hessianVectorProduct.js";
import { sequential } from "../../../src/nn/sequential.js";
import { backends, threaded } from "../../support/backends.js";
import { cases, type LossCase, layerOf, stacks, targetOf } from "../../support/networks.js";
import { firstDifference, uniform } from "../../support/numbers.js";
import { differences, forward, relativeError, type Spec, secondDifferences } from "../../support/reference.js";

const dropped: typeof stacks = [
  {
    name: "dropout between dense layers",
    width: 4,
    specs: [
      { kind: "dense", inputs: 4, outputs: 7, bias: true },
      { kind: "tanh" },
      { kind: "mask", p: 0.4, factors: [] },
      { kind: "dense", inputs: 7, outputs: 3, bias: true },
    ],
  },
  {
    name: "a fused relu, dropout, and a sigmoid in place behind it",
    width: 4,
    specs: [
      { kind: "dense", inputs: 4, outputs: 16, bias: true },
      { kind: "relu" },
      { kind: "dense", inputs: 16, outputs: 7, bias: true },
      { kind: "mask", p: 0.3, factors: [] },
      { kind: "sigmoid" },
      { kind: "dense", inputs: 7, outputs: 3, bias: true },
    ],
  },
];
const trainable = ({ specs }: { specs: Spec[] }) => /"dense"|"affine":true/.test(JSON.stringify(specs));

interface Setting {
  specs: Spec[];
  width: number;
  rows: number;
  lossCase: LossCase;
}

/** A model with parameters moved from where they start: weights of normalisations are 1 there, which hides a factor. */
function made(engine: Engine, { specs, width, rows }: Setting, seed: number) {
  const model = sequential(engine, specs.map(layerOf), { seed });
  for (const [i, p] of model.parameters().entries()) p.copyFrom(p.data.map((v, j) => v + 0.1 * Math.cos(i + 2 * j)));
  const x = engine.tensor([rows, width], uniform(rows * width, 5 + rows + seed, 2));
  const v = model.parameters().map(({ shape, size }, i) => engine.tensor(shape, uniform(size, 40 + i)));
  return { model, x, v };
}

/** The specs with the masks of a model of this seed in its first pass: what a dropout makes of ones. */
function masked(engine: Engine, { specs, rows }: Setting, seed: number): Spec[] {
  return specs.map((spec) => {
    if (spec.kind !== "mask") return spec;
    using model = sequential(engine, [layerOf(spec)], { seed });
    using ones = engine.tensor([rows, 7], new Float32Array(rows * 7).fill(1));
    return { ...spec, factors: model.forward(ones).toArray() };
  });
}

const wide = (arrays: readonly Tensor[]) => arrays.map(({ data }) => Float64Array.from(data));

/** The first seed with no kink within reach of the differences, and the run in f64. */
function settled(engine: Engine, setting: Setting) {
  const { rows, lossCase } = setting;
  for (let seed = 1; seed < 400; seed++) {
    const { model, x, v } = made(engine, setting, seed);
    const specs = masked(engine, setting, seed);
    const run = { seed, specs, parameters: wide(model.parameters()), input: wide([x])[0], along: wide(v) };
    model.dispose();
    for (const tensor of [x, ...v]) tensor.dispose();
    const { y, kink } = forward(specs, run.parameters, rows, run.input);
    const columns = y.length / rows;
    const t = lossCase.target(rows, columns);
    const bend = y.reduce((least, value, i) => Math.min(least, lossCase.kink?.(value, t[i]) ?? 1), 1);
    if (kink > 0.02 && bend > 0.02) return { ...run, t, columns };
  }
  throw new Error("no seed keeps away from the kinks");
}

/** Hv and Gv by differences. */
function wanted({ specs, parameters, input, along, t }: ReturnType<typeof settled>, { rows, lossCase }: Setting) {
  const run = () => forward(specs, parameters, rows, input).y;
  const hessian = secondDifferences(() => lossCase.reference(run(), t, rows), parameters, along);
  const home = parameters.map((values) => values.slice());
  const at = (h: number) => {
    for (const [k, values] of parameters.entries()) values.set(home[k].map((value, i) => value + h * along[k][i]));
    return run();
  };
  const h = 2 ** -16;
  const [above, below, y] = [at(h), at(-h), at(0)];
  const yDot = y.map((_, i) => (above[i] - below[i]) / (2 * h));
  const [u] = secondDifferences(() => lossCase.reference(y, t, rows), [y], [yDot]);
  const dot = () => run().reduce((sum, value, i) => sum + value * u[i], 0);
  return { hessian, gaussNewton: parameters.map((values) => differences(dot, values)) };
}

const flat = (arrays: readonly ArrayLike<number>[]) => arrays.flatMap((values) => Array.from(values));
// The loss of l1 is 50, that far from its kink, and its Hessian 0: the rounding of differences of 50 is what remains.
const bound = ({ name }: LossCase) => (name === "l1" ? 1e-4 : 1e-5);

const js = backends.find(({ name }) => name === "js")!;
const others = backends.filter((row) => row !== js);

test.each([...stacks, ...dropped].filter(trainable))("$name, under every loss", async ({ width, specs }) => {
  using reference = await js.create();
  const engines = await Promise.all(others.map(async (row) => ({ row, engine: await row.create() })));
  try {
    for (const rows of [1, 5]) {
      for (const lossCase of width > 30 ? cases.slice(0, 1) : cases) {
        if (lossCase.probabilities && specs.at(-1)!.kind !== "sigmoid") continue;
        const setting = { specs, width, rows, lossCase };
        const label = `${lossCase.name}, ${rows} rows`;
        const run = settled(reference, setting);
        const products = (engine: Engine) => {
          const { model, x, v } = made(engine, setting, run.seed);
          const y = targetOf(engine, lossCase, rows, run.columns);
          const batch = { x, y };
          const loss = lossCase.loss(run.columns);
          const before = model.generatorState;
          const hessian = hessianVectorProduct(model, loss, batch, v).map((one) => one.toArray());
          model.generatorState = before; // the same masks
          const gaussNewton = gaussNewtonVectorProduct(model, loss, batch, v).map((one) => one.toArray());
          model.dispose();
          return { hessian, gaussNewton };
        };
        const got = products(reference);
        const want = wanted(run, setting);
        expect(relativeError(flat(got.hessian), flat(want.hessian)), label).toBeLessThan(bound(lossCase));
        expect(relativeError(flat(got.gaussNewton), flat(want.gaussNewton)), label).toBeLessThan(bound(lossCase));
        for (const { row, engine } of engines) {
          const own = products(engine);
          if (row.exact) {
            expect(firstDifference(own.hessian, got.hessian), `${row.name}, ${label}`).toBeUndefined();
            expect(firstDifference(own.gaussNewton, got.gaussNewton), `${row.name}, ${label}`).toBeUndefined();
          }
          expect(relativeError(flat(own.hessian), flat(want.hessian)), label).toBeLessThan(bound(lossCase));
        }
      }
    }
  } finally {
    for (const { engine } of engines) engine.dispose();
  }
});

test.each([1, 2, 3, 4])("has the bits of js on %i threads, for every layer", async (threads) => {
  using reference = await js.create();
  using engine = await threaded(threads).create();
  const lossCase = cases.find(({ name }) => name === "labels")!;
  for (const { name, width, specs } of [...stacks, ...dropped].filter(trainable)) {
    const run = (on: Engine) => {
      const { model, x, v } = made(on, { specs, width, rows: 5, lossCase }, 1);
      using _ = model;
      const columns = model.forward(x).shape[1];
      const product = hessianVectorProduct(
        model,
        lossCase.loss(columns),
        { x, y: targetOf(on, lossCase, 5, columns) },
        v,
      );
      return product.map((one) => one.toArray());
    };
    expect(firstDifference(run(engine), run(reference)), name).toBeUndefined();
  }
});
