/**
 * On js a tensor's memory is an ArrayBuffer that a program can transfer: `postMessage(p.grad, [p.grad.buffer])`. What is left
 * reads as NaN, which no step may spread.
 */
import { expect, test } from "vitest";
import { adam, createEngine, dense, mse, saveWeights, sequential, sgd } from "../../src/index.js";

const transfer = ({ buffer }: Float32Array) => structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
const lost = /^data or grad: expected \d+ numbers, got 0: the buffer was transferred$/;

test("a step refuses a tensor whose gradient was transferred, and changes nothing", async () => {
  using engine = await createEngine({ backend: "js" });
  const [p, q] = [engine.tensor([2], [1, 2]), engine.tensor([2], [3, 4])];
  for (const tensor of [p, q]) tensor.grad.fill(1);
  const opt = adam([p, q], { lr: 0.5 });
  opt.step();
  const before = [...p.data, ...q.data];
  transfer(q.grad);
  expect(() => opt.step()).toThrow(lost);
  expect(() => opt.step(undefined, { clipNorm: 1 })).toThrow(lost);
  expect([...p.data, ...q.data]).toEqual(before);
  expect(opt.stepCount).toBe(1);
  expect(() => q.grad).toThrow(lost);
});

test("whatever reads numbers that were transferred refuses them", async () => {
  using engine = await createEngine({ backend: "js" });
  const x = engine.tensor([1, 2], [1, 2]);
  const model = sequential(engine, [dense(2, 2)]);
  const opt = sgd(model.parameters(), { lr: 0.5 });
  const { grad } = mse(model.forward(x), engine.tensor([1, 2]));
  model.backward(grad);
  transfer(x.data);
  expect(() => model.forward(x)).toThrow(lost);
  expect(() => x.toArray()).toThrow(lost);
  transfer(model.parameters()[0].data);
  expect(() => opt.step()).toThrow(lost);
  expect(() => saveWeights(model)).toThrow(lost);
});

test("an attached array that was transferred is not copied out as if it were one", async () => {
  for (const backend of ["js", "wasm"] as const) {
    using engine = await createEngine({ backend });
    const array = new Float32Array(2);
    const p = engine.attach(array);
    transfer(array);
    expect(() => p.toArray()).toThrow(/^data: expected the 2 numbers that were attached, got 0/);
  }
});
