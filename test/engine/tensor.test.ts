import { expect, test } from "vitest";
import { backends } from "../support/backends.js";

type Refusal = [run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp];

function refused(refusals: Refusal[]): void {
  for (const [run, type, message] of refusals) {
    expect(run).toThrow(message);
    expect(run).toThrow(type);
  }
}

for (const backend of backends) {
  test(`${backend.name}: a tensor has a shape, zeros or values, and a gradient on demand`, async () => {
    using engine = await backend.create();
    const t = engine.tensor([2, 3, 5]);
    expect(t.shape).toEqual([2, 3, 5]);
    expect(t.size).toBe(30);
    expect(t.data).toEqual(new Float32Array(30));
    expect(engine.tensor(4).shape).toEqual([4]);
    const shape = [2, 2];
    const values = engine.tensor(shape, [1, 2.5, -3, 0.1]);
    shape[0] = 9;
    expect(values.shape).toEqual([2, 2]);
    expect(values.data).toEqual(Float32Array.of(1, 2.5, -3, 0.1));
    const before = engine.bytesInUse;
    expect(values.grad).toEqual(new Float32Array(4));
    expect(engine.bytesInUse).toBe(before + 64);
    values.grad[2] = 7;
    expect([...values.grad]).toEqual([0, 0, 7, 0]);
    expect([...values.data]).toEqual([1, 2.5, -3, Math.fround(0.1)]);
  });

  test(`${backend.name}: data is the tensor, toArray and copyFrom are copies`, async () => {
    using engine = await backend.create();
    const t = engine.tensor(3, new Float64Array([1, 2, 3]));
    t.data[1] = 9;
    const copy = t.toArray();
    copy[0] = 100;
    expect([...t.data]).toEqual([1, 9, 3]);
    expect(t.copyFrom(Int32Array.of(4, 5, 6))).toBe(t);
    expect([...t.toArray()]).toEqual([4, 5, 6]);
    expect([...t.copyFrom({ length: 3, 0: 1, 1: 2, 2: 3 }).data]).toEqual([1, 2, 3]);
  });

  test(`${backend.name}: odd sizes lie beside each other without touching`, async () => {
    using engine = await backend.create();
    const tensors = Array.from({ length: 70 }, (_, i) => engine.tensor(i + 1, new Array(i + 1).fill(i)));
    for (const [i, t] of tensors.entries()) expect(t.data.every((x) => x === i)).toBe(true);
    if (backend.name !== "js") for (const t of tensors) expect(t.data.byteOffset % 16).toBe(0);
  });

  test(`${backend.name}: bad shapes and values are refused and take no memory`, async () => {
    using engine = await backend.create();
    refused([
      [() => engine.tensor(0), RangeError, /^shape: expected a whole number ≥ 1, got 0/],
      [() => engine.tensor(-3), RangeError, /^shape: .*got -3/],
      [() => engine.tensor(2.5), RangeError, /^shape: .*got 2.5/],
      [() => engine.tensor(Number.NaN), RangeError, /^shape: .*got NaN/],
      [() => engine.tensor([]), RangeError, /^shape: expected at least one dimension/],
      [() => engine.tensor([2, 0]), RangeError, /^shape: .*got 0/],
      [() => engine.tensor("3" as never), TypeError, /^shape: .*got "3"/],
      [() => engine.tensor([2, "3"] as never), TypeError, /^shape: .*got "3"/],
      [() => engine.tensor(null as never), TypeError, /^shape: .*got null/],
      [() => engine.tensor([2, 2], [1, 2, 3]), RangeError, /^values: expected 4 numbers.*got \[1, 2, 3\]/],
      [() => engine.tensor(2, 5 as never), TypeError, /^values: .*got 5/],
      [() => engine.tensor(2, null as never), TypeError, /^values: .*got null/],
      [() => engine.tensor(2, [1, "x"] as never), TypeError, /^values\[1\]: expected a number, got "x"/],
      [() => engine.tensor(2, [1, 2n] as never), TypeError, /^values\[1\]: expected a number, got 2/],
      [() => engine.tensor(2, new BigInt64Array(2) as never), TypeError, /^values/],
      [() => engine.tensor(2, [1, undefined] as never), TypeError, /^values\[1\]: .*got undefined/],
    ]);
    expect(engine.bytesInUse).toBe(0);
  });

  // 2^31 and 2^40 elements wrap around in 32-bit arithmetic, to a negative size and to nothing.
  test(`${backend.name}: tensors beyond all memory are refused`, async () => {
    using engine = await backend.create({ maxMemoryMiB: 64 });
    for (const shape of [2 ** 28, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 32 + 4, [2 ** 20, 2 ** 20], [2 ** 40, 2 ** 40]]) {
      expect(() => engine.tensor(shape)).toThrow(RangeError);
      expect(() => engine.tensor(shape)).toThrow(/out of memory: a request of \S+ MiB with 0.00 MiB in use/);
    }
    expect(engine.bytesInUse).toBe(0);
    expect([...engine.tensor(2, [1, 2]).data]).toEqual([1, 2]);
  });

  test(`${backend.name}: a refused copyFrom changes nothing`, async () => {
    using engine = await backend.create();
    const t = engine.tensor(3, [1, 2, 3]);
    refused([
      [() => t.copyFrom([4, 5]), RangeError, /^values: expected 3 numbers for shape \[3\], got \[4, 5\]/],
      [() => t.copyFrom([4, 5, 6, 7]), RangeError, /^values: expected 3 numbers/],
      [() => t.copyFrom(7 as never), TypeError, /^values: .*got 7/],
      [() => t.copyFrom(undefined as never), TypeError, /^values: .*got undefined/],
      [() => t.copyFrom([4, 5, 6n] as never), TypeError, /^values\[2\]: expected a number/],
      [() => t.copyFrom([4, "5", 6] as never), TypeError, /^values\[1\]: expected a number, got "5"/],
    ]);
    expect([...t.data]).toEqual([1, 2, 3]);
  });

  test(`${backend.name}: a disposed tensor throws when used, and disposing twice does not`, async () => {
    using engine = await backend.create();
    const t = engine.tensor(3, [1, 2, 3]);
    t.grad.fill(1);
    t.dispose();
    t.dispose();
    expect(engine.bytesInUse).toBe(0);
    expect(t.disposed).toBe(true);
    const gone = /tensor: expected a live tensor, got one that has been disposed/;
    refused([
      [() => t.data, TypeError, gone],
      [() => t.grad, TypeError, gone],
      [() => t.toArray(), TypeError, gone],
      [() => t.copyFrom([1, 2, 3]), TypeError, gone],
    ]);
    let inner: typeof t;
    {
      using scoped = engine.tensor(8);
      inner = scoped;
      expect(engine.bytesInUse).toBe(64);
    }
    expect(inner.disposed).toBe(true);
    expect(engine.bytesInUse).toBe(0);
  });

  test(`${backend.name}: an attached array stays the caller's own`, async () => {
    using engine = await backend.create();
    const array = Float32Array.of(1, 2, 3, 4, 5, 6);
    const grad = new Float32Array(6);
    const t = engine.attach(array, { grad, shape: [2, 3] });
    expect(t.data).toBe(array);
    expect(t.grad).toBe(grad);
    expect(t.shape).toEqual([2, 3]);
    expect(engine.attach(array).shape).toEqual([6]);
    expect([...engine.attach(array).grad]).toEqual([0, 0, 0, 0, 0, 0]);
    refused([
      [() => engine.attach([1, 2] as never), TypeError, /^data: expected a Float32Array, got \[1, 2\]/],
      [() => engine.attach(new Float64Array(2) as never), TypeError, /^data: expected a Float32Array/],
      [() => engine.attach(new Float32Array(0)), RangeError, /^data: expected at least one number/],
      [() => engine.attach(array, { shape: [4] }), RangeError, /^shape: expected a shape of 6 elements, got \[4\]/],
      [() => engine.attach(array, { grad: new Float32Array(5) }), RangeError, /^grad: expected 6 numbers/],
      [() => engine.attach(array, { grad: [1] as never }), TypeError, /^grad: expected a Float32Array/],
      [() => engine.attach(array, { gradient: grad } as object), RangeError, /gradient/],
    ]);
  });

  test(`${backend.name}: an attached tensor gives its memory back`, async () => {
    using engine = await backend.create();
    const array = Float32Array.of(1, 2, 3);
    const t = engine.attach(array);
    t.grad[0] = 1;
    t.dispose();
    expect(engine.bytesInUse).toBe(0);
    expect([...array]).toEqual([1, 2, 3]);
    expect(() => t.data).toThrow(/disposed/);
  });
}
