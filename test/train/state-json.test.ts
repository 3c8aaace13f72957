/** States as JSON: every optimizer of THE TABLE, and every array, to the last bit. */
import { describe, expect, it, test } from "vitest";
import { fromBase64, toBase64 } from "../../src/host/base64.js";
import { accumulate, adam, combine, ema, lookahead, stateDictFromJSON, stateDictToJSON } from "../../src/index.js";
import { reduceOnPlateau } from "../../src/schedule/index.js";
import { backends } from "../support/backends.js";
import { table } from "../support/options.js";

const throughText = (state: object) => stateDictFromJSON(JSON.parse(JSON.stringify(stateDictToJSON(state))));

/** A value with every number by its bits. */
const bitsOf = (value: unknown): unknown => {
  if (typeof value === "number") return [...new Uint8Array(Float64Array.of(value).buffer)].join();
  if (typeof value !== "object" || value === null) return value;
  if (ArrayBuffer.isView(value))
    return [value.constructor.name, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")];
  if (Array.isArray(value)) return value.map(bitsOf);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bitsOf(item)]));
};

describe.each(backends)("$name", ({ create }) => {
  it.each(table)(
    "%s: the state is the same after JSON, and the run goes on with the same bits",
    async (name, factory) => {
      using engine = await create();
      const make = () => {
        const tensors = [
          engine.tensor(
            [5, 7],
            Array.from({ length: 35 }, (_, i) => (i - 17) / 8),
          ),
          engine.tensor(9),
        ];
        return { tensors, opt: factory(tensors) };
      };
      const step = ({ tensors, opt }: ReturnType<typeof make>, k: number) => {
        for (const { grad } of tensors)
          for (let i = 0; i < grad.length; i++) grad[i] = ((i * 31 + k * 7) % 13) / 8 - 0.7;
        opt.step(() => 1 / (k + 1));
      };
      const whole = make();
      expect(bitsOf(throughText(whole.opt.stateDict())), name).toEqual(bitsOf(whole.opt.stateDict()));
      for (let k = 0; k < 4; k++) step(whole, k);
      const saved = whole.opt.stateDict();
      const read = throughText(saved);
      expect(bitsOf(read)).toEqual(bitsOf(saved));
      const resumed = make();
      for (const [i, tensor] of resumed.tensors.entries()) tensor.copyFrom(whole.tensors[i].data);
      resumed.opt.loadStateDict(read);
      for (const one of [whole, resumed]) for (let k = 4; k < 7; k++) step(one, k);
      expect(bitsOf(resumed.tensors.map(({ data }) => data))).toEqual(bitsOf(whole.tensors.map(({ data }) => data)));
    },
  );
});

test("NaN with any bits, infinities, −0 and subnormal numbers survive, in f32 and in f64", () => {
  const nan = new Float32Array(new Uint32Array([0x7fc00001, 0xffc12345, 0x7f800000, 0xff800000, 0x80000000, 1]).buffer);
  const state = {
    floats: nan,
    doubles: new Float64Array(new BigUint64Array([0x7ff8000000000001n, 0x8000000000000000n, 1n]).buffer),
    whole: Int32Array.of(-1, 2 ** 31 - 1),
    bytes: Uint8Array.of(1, 2, 255),
    none: new Float32Array(0),
    numbers: [Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, 0.1],
    other: { text: "…", yes: true, nothing: null },
  };
  expect(bitsOf(throughText(state))).toEqual(bitsOf(state));
});

test("wrappers, combinations, averages and schedules with a state go through JSON", async () => {
  using engine = await backends[0]!.create();
  const p = engine.tensor([3], [1, 2, 3]);
  const q = engine.tensor([2], [1, 2]);
  for (const { grad } of [p, q]) grad.fill(1);
  const lr = reduceOnPlateau(0.1, { patience: 0 });
  const opts = [
    () => lookahead(adam([p], { lr }), { k: 2 }),
    () => accumulate(adam([p]), 2),
    () => combine([adam([p]), adam([q])]),
  ];
  for (const make of opts) {
    using opt = make();
    for (let k = 0; k < 3; k++) opt.step();
    lr.step(1);
    const read = throughText(opt.stateDict());
    expect(bitsOf(read)).toEqual(bitsOf(opt.stateDict()));
    using other = make();
    other.loadStateDict(read);
    expect(bitsOf(other.stateDict())).toEqual(bitsOf(opt.stateDict()));
  }
  const averages = ema([p], { decay: 0.9 });
  averages.update();
  averages.loadStateDict(throughText(averages.stateDict()));
});

test("what JSON has made of a state is refused, with the way to do it", async () => {
  using engine = await backends[0]!.create();
  const p = engine.tensor([3], [1, 2, 3]);
  p.grad.fill(1);
  const opt = adam([p]);
  opt.step();
  const broken = JSON.parse(JSON.stringify(opt.stateDict()));
  expect(() => opt.loadStateDict(broken)).toThrow(/expected a Float32Array \(.*stateDictToJSON\), got an Object/);
});

test("anything else is refused by name", () => {
  const good = stateDictToJSON({ a: Float32Array.of(1) });
  const path = Object.keys(good.arrays)[0]!;
  const withEntry = (entry: unknown) => ({ ...good, arrays: { [path]: entry } });
  const rows: [unknown, RegExp][] = [
    [null, /^json: expected what stateDictToJSON\(\) returned, got null/],
    [JSON.stringify(good), /^json: expected what stateDictToJSON\(\) returned, got "/],
    [{}, /^json\.format: expected "thalweg-state-1"/],
    [{ ...good, state: 5 }, /^json\.state: expected an object, got 5/],
    [{ ...good, arrays: undefined }, /^json\.arrays: expected an object/],
    [{ ...good, arrays: {} }, /^json\.arrays: expected tensor "state\.a", got none/],
    [withEntry(5), /^json\.arrays\["state\.a"\]: expected an object/],
    [withEntry({ dtype: "F16", base64: "" }), /^json\.arrays\["state\.a"\]\.dtype: expected "F32"/],
    [withEntry({ dtype: "F32", base64: 5 }), /^json\.arrays\["state\.a"\]\.base64: expected text, got 5/],
    [withEntry({ dtype: "F32", base64: "!!!!" }), /base64: expected base64 of numbers of 4 bytes, got "!!!!"/],
    [withEntry({ dtype: "F32", base64: "AAAA" }), /base64: expected base64 of numbers of 4 bytes, got "AAAA"/],
  ];
  for (const [json, said] of rows) expect(() => stateDictFromJSON(json as never)).toThrow(said);
  expect(() => stateDictToJSON(5 as never)).toThrow(/^state: expected what stateDict\(\) returned, got 5/);
  expect(() => stateDictToJSON({ f: () => 1 })).toThrow(/^state\.f: expected plain data, got a function/);
});

test("base64 is that of the platform", () => {
  for (let length = 0; length < 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 83 + length * 7) & 255);
    const text = Buffer.from(bytes).toString("base64");
    expect(toBase64(bytes)).toBe(text);
    expect(fromBase64(text)).toEqual(bytes);
  }
  for (const wrong of ["A", "AA", "AAA", "A===", "AA=A", "AAAA=", "AA-_", "AAA "])
    expect(fromBase64(wrong)).toBeUndefined();
});
