/** `opt.stateBytes`: what the slots of an optimizer take of the engine's memory. */
import { expect, it } from "vitest";
import { entries } from "../../src/build/optimizerEntries.js";
import { accumulate, adafactor, adam, adamw, lion, lookahead, novograd, sam, sgd, sm3 } from "../../src/index.js";
import { backends } from "../support/backends.js";
import { table } from "../support/options.js";

/** Bytes of this many numbers of f32, or of f64, padded as every array is. */
const padded = (size: number, bytes = 4) => Math.ceil((size * bytes) / 64) * 64;

it.each(backends)("$name: counts the slots of every row of THE TABLE, and nothing once disposed", async (backend) => {
  using engine = await backend.create();
  for (const [name, factory] of table) {
    const tensors = [engine.tensor([5, 7]), engine.tensor(9)];
    const opt = factory(tensors);
    expect(opt.stateBytes, name).toBe(0);
    for (const { grad } of tensors) grad.fill(0.1);
    const before = engine.bytesInUse;
    opt.step(() => 0);
    const slots = opt.stateDict().groups[0].params.flatMap((one) => Object.values(one) as Float32Array[]);
    const want = slots.reduce((total, { length, BYTES_PER_ELEMENT }) => total + padded(length, BYTES_PER_ELEMENT), 0);
    expect(opt.stateBytes, name).toBe(want);
    // The rest is working memory.
    expect(engine.bytesInUse - before, name).toBeGreaterThanOrEqual(opt.stateBytes);
    opt.dispose();
    expect([opt.stateBytes, engine.bytesInUse], name).toEqual([0, before]);
    for (const tensor of tensors) tensor.dispose();
  }
});

it("is as the papers say for a matrix [512, 512]", async () => {
  const [{ create }] = backends as [(typeof backends)[number]];
  using engine = await create();
  const bytesOf = (factory: typeof adam, hyper = {}) => {
    using p = engine.tensor([512, 512]);
    p.grad.fill(1);
    using opt = factory([p], hyper);
    opt.step();
    return opt.stateBytes;
  };
  const whole = 4 * 512 * 512;
  const found = [adam, adamw, lion, sgd, novograd, sm3, adafactor].map((factory) => bytesOf(factory as typeof adam));
  expect(found).toEqual([2 * whole, 2 * whole, whole, 0, whole + 64, whole + 4096, 4096]);
  expect(bytesOf(sm3 as unknown as typeof adam, { momentum: 0 })).toBe(4096);
});

it("grows with groups and thawed parameters, and loads", async () => {
  const [{ create }] = backends as [(typeof backends)[number]];
  using engine = await create();
  const [a, b] = [engine.tensor(16), engine.tensor(32)] as const;
  for (const { grad } of [a, b]) grad.fill(1);
  b.requiresGrad = false;
  using opt = adam([a, b]);
  opt.step();
  expect(opt.stateBytes).toBe(2 * 64);
  b.requiresGrad = true;
  opt.step();
  expect(opt.stateBytes).toBe(2 * 192);
  using other = adam([a, b]);
  other.loadStateDict(opt.stateDict());
  expect(other.stateBytes).toBe(2 * 192);
});

it("is the inner optimizer's for wrappers, with the slow weights of lookahead", async () => {
  const [{ create }] = backends as [(typeof backends)[number]];
  using engine = await create();
  using p = engine.tensor(16);
  p.grad.fill(1);
  const around = [
    (o: ReturnType<typeof adam>) => accumulate(o, 1),
    (o: ReturnType<typeof adam>) => sam(o),
    (o: ReturnType<typeof adam>) => lookahead(o),
  ];
  const found = around.map((wrap) => {
    using opt = wrap(adam([p]));
    expect(opt.stateBytes).toBe(0);
    opt.step(() => 0);
    return opt.stateBytes;
  });
  expect(found).toEqual([128, 128, 192]);
});

it("is in the table of the documentation, as formulas", async () => {
  const of = Object.fromEntries((await entries()).map(({ name, stateOf }) => [name, stateOf]));
  expect(of.adam).toEqual({ matrix: "8mn", vector: "8n" });
  expect(of.sgd).toEqual({ matrix: "0", vector: "0" });
  expect(of.adafactor).toEqual({ matrix: "4m + 4n", vector: "4n" });
  expect(of.sm3).toEqual({ matrix: "4mn + 4m + 4n", vector: "8n" });
  expect(of.novograd).toEqual({ matrix: "4mn + 4", vector: "4n + 4" });
  // Point, gradient, direction, the best gradient and ten pairs; the step that noted them.
  expect(of.lbfgs).toEqual({ matrix: "96mn + 4", vector: "96n + 4" });
  // f64: statistic and root of each side, two counts; statistic, basis, a count.
  expect(of.shampoo).toEqual({ matrix: "16m² + 16n² + 16", vector: "16n² + 16" });
  expect(of.soap).toEqual({ matrix: "8mn + 16m² + 16n² + 8", vector: "8n" });
});
