import { crc32 as zlibCrc32 } from "node:zlib";
import { safetensors } from "@jax-js/loaders";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSafetensors,
  dense,
  encodeSafetensors,
  loadWeights,
  predict,
  relu,
  saveWeights,
  sequential,
} from "../../src/index.js";
import { crc32 } from "../../src/train/crc32.js";
import { backends } from "../support/backends.js";

// The format is compared with @jax-js/loaders, an independent implementation, and with bytes written by hand from its
// description.

/** A file written out byte by byte: header, and numbers as they are. */
function file(header: unknown, numbers: Uint8Array | ArrayBuffer = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const data = new Uint8Array(numbers as ArrayBuffer);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
const f32 = (...values: number[]) => Float32Array.from(values).buffer;

describe("safetensors", () => {
  const array = fc.oneof(
    fc.float32Array({ maxLength: 9 }),
    fc.float64Array({ maxLength: 9 }),
    fc.int32Array({ maxLength: 9 }),
    fc.uint8Array({ maxLength: 9 }),
  );
  const name = fc
    .string({ unit: "grapheme", maxLength: 12 })
    .filter((text) => text !== "__metadata__" && text !== "__proto__");

  it("is read by an independent reader as written: names, shapes, dtypes, bits, text", () => {
    fc.assert(
      fc.property(fc.dictionary(name, array), fc.dictionary(name, fc.string()), (arrays, metadata) => {
        const given = Object.entries(arrays).map(([key, data]) => [key, { shape: [data.length, 1], data }] as const);
        const read = safetensors.parse(encodeSafetensors(Object.fromEntries(given), metadata));
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(arrays).sort());
        for (const [key, { shape, data }] of given) {
          expect(read.tensors[key].shape).toEqual(shape);
          expect(read.tensors[key].data).toEqual(data);
        }
        expect({ ...read.metadata }).toEqual({ ...metadata });
      }),
      { numRuns: 100 },
    );
  });

  it("is restored at any alignment of its bytes", () => {
    fc.assert(
      fc.property(fc.dictionary(name, array), fc.nat(9), (arrays, offset) => {
        const given = Object.entries(arrays).map(([key, data]) => [key, { shape: [data.length], data }] as const);
        const bytes = encodeSafetensors(Object.fromEntries(given));
        const moved = new Uint8Array(bytes.length + offset).subarray(offset);
        moved.set(bytes);
        const { tensors } = decodeSafetensors(moved);
        expect(tensors.size).toBe(given.length);
        for (const [key, { shape, data }] of given) expect(tensors.get(key)).toMatchObject({ shape, data });
      }),
      { numRuns: 100 },
    );
  });

  it("reads what others write: any order, half precision, wide integers, booleans", () => {
    const numbers = new Uint8Array(2 * 8 + 8 + 2);
    // 1, -2, 2^-24, 65504, infinity, NaN, -0, 1/3 in binary16; 1, -2.5 in bfloat16
    new Uint16Array(numbers.buffer, 0, 8).set([0x3c00, 0xc000, 1, 0x7bff, 0x7c00, 0x7e00, 0x8000, 0x3555]);
    new BigInt64Array(numbers.buffer, 16, 1)[0] = -(2n ** 60n);
    numbers.set([1, 0], 24);
    const { tensors, metadata } = decodeSafetensors(
      file(
        {
          b: { dtype: "BOOL", shape: [2], data_offsets: [24, 26] },
          h: { dtype: "F16", shape: [2, 4], data_offsets: [0, 16] },
          n: { dtype: "I64", shape: [], data_offsets: [16, 24] },
          e: { dtype: "F32", shape: [0, 3], data_offsets: [26, 26] },
        },
        numbers,
      ),
    );
    const half = [1, -2, 2 ** -24, 65504, Number.POSITIVE_INFINITY, Number.NaN, -0, 0x555 / 0x1000];
    expect([...tensors.get("h")!.data]).toEqual(half);
    expect([...tensors.get("n")!.data]).toEqual([-(2n ** 60n)]);
    expect([...tensors.get("b")!.data]).toEqual([1, 0]);
    expect(tensors.get("e")!.shape).toEqual([0, 3]);
    expect(metadata.size).toBe(0);
    const brain = file(
      { w: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } },
      Uint16Array.of(0x3f80, 0xc020).buffer,
    );
    expect([...decodeSafetensors(brain).tensors.get("w")!.data]).toEqual([1, -2.5]);
  });

  const whole = { w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
  it.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /got 0 bytes$/],
    [
      "a header that never ends",
      file(whole, f32(1, 2)).subarray(0, 20),
      /got 20 bytes, cut short within a header of 54$/,
    ],
    ["numbers cut short", file(whole, f32(1)), /cut short: tensor "w" ends at 70$/],
    ["another format", new TextEncoder().encode("PK\x03\x04 a zip archive of some kind"), /header of \d+ bytes$/],
    ["a header that is no JSON", file("{w: 1}"), /without a readable header$/],
    ["a header that is no UTF-8", file(String.fromCharCode(0)).fill(0xff, 8), /without a readable header$/],
    ["a header that is a list", file("[1]"), /without a readable header$/],
    ["an unknown dtype", file({ w: { ...whole.w, dtype: "F12" } }, f32(1, 2)), /tensor "w" of dtype "F12"$/],
    ["a dtype out of Object", file({ w: { ...whole.w, dtype: "toString" } }, f32(1, 2)), /of dtype "toString"$/],
    ["a negative shape", file({ w: { ...whole.w, shape: [-2] } }, f32(1, 2)), /tensor "w" of shape \[-2\]$/],
    ["a shape of another size", file({ w: { ...whole.w, shape: [3] } }, f32(1, 2)), /of 8 bytes for F32 \[3\]$/],
    ["places that overlap", file({ ...whole, v: whole.w }, f32(1, 2)), /begins at 0, not at 8$/],
    ["a hole", file({ w: { ...whole.w, data_offsets: [4, 12] } }, f32(0, 1, 2)), /begins at 4, not at 0$/],
    ["bytes at the end", file(whole, f32(1, 2, 3)), /got 4 bytes after the last tensor$/],
    [
      "a name twice",
      file(
        '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        f32(1, 2),
      ),
      /begins at 4/,
    ],
    ["metadata that is not text", file({ __metadata__: { a: 1 } }), /metadata "a" that is not text$/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    expect(() => decodeSafetensors(bytes)).toThrow(/^bytes: expected a whole safetensors file, got /);
    expect(() => decodeSafetensors(bytes)).toThrow(RangeError);
  });

  it("refuses to write shapes and arrays that do not fit", () => {
    expect(() => encodeSafetensors({ w: { shape: [2], data: Float32Array.of(1) } })).toThrow(
      /^tensors\.w: expected 2 numbers/,
    );
    expect(() => encodeSafetensors({ w: { shape: [1], data: [1] as never } })).toThrow(TypeError);
    expect(() => decodeSafetensors([] as never)).toThrow(TypeError);
  });
});

it("computes the checksum of zlib", () => {
  // The check value of the polynomial's catalogue entry: of the text "123456789".
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  expect(crc32(new TextEncoder().encode("6789"), crc32(new TextEncoder().encode("12345")))).toBe(0xcbf43926);
  // Node 20.15 and later have a function for it.
  if (zlibCrc32)
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => crc32(bytes) === zlibCrc32(bytes)),
      { numRuns: 50 },
    );
});

describe.each(backends)("weights on $name", ({ create }) => {
  it("are restored bit for bit on any model of the same shape, and read elsewhere by PyTorch's names", async () => {
    using engine = await create();
    const layers = () => [dense(3, 4), relu(), dense(4, 2, { bias: false })];
    using model = sequential(engine, layers(), { seed: 1 });
    model.parameters()[1].copyFrom([Number.NaN, -0, Number.NEGATIVE_INFINITY, 1e-45]);
    const bytes = saveWeights(model, { metadata: { trained: "on nothing" } });
    const read = safetensors.parse(bytes);
    expect(Object.fromEntries(Object.entries(read.tensors).map(([name, { shape }]) => [name, shape]))).toEqual({
      "0.weight": [3, 4],
      "0.bias": [4],
      "2.weight": [4, 2],
    });
    expect(read.metadata).toMatchObject({ format: "thalweg", kind: "weights", trained: "on nothing" });
    using other = sequential(engine, layers(), { seed: 2 });
    loadWeights(other, bytes);
    other.parameters().forEach((tensor, i) => void expect(tensor.data).toEqual(model.parameters()[i].data));
  });

  // torch.nn.Sequential(Linear(2, 3), ReLU(), Linear(3, 1)) with weights [out, in]:
  // [[1, 2], [3, -4], [-5, 6]], [1, 0, -1]; [[1, 10, 100]], [0.5].
  // x = (1, 1): relu(4, -1, 0) = (4, 0, 0) → 4.5; x = (0, 1): relu(3, -4, 5) = (3, 0, 5) → 503.5.
  const pytorch = (metadata?: object, prefix = "") =>
    file(
      {
        ...(metadata && { __metadata__: metadata }),
        [`${prefix}0.bias`]: { dtype: "F32", shape: [3], data_offsets: [0, 12] },
        [`${prefix}0.weight`]: { dtype: "F32", shape: [3, 2], data_offsets: [12, 36] },
        [`${prefix}2.bias`]: { dtype: "F32", shape: [1], data_offsets: [36, 40] },
        [`${prefix}2.weight`]: { dtype: "F32", shape: [1, 3], data_offsets: [40, 52] },
      },
      f32(1, 0, -1, 1, 2, 3, -4, -5, 6, 0.5, 1, 10, 100),
    );
  const net = [dense(2, 3), relu(), dense(3, 1)];
  const inputs = [
    [1, 1],
    [0, 1],
  ];

  it.each<[string, Uint8Array, object]>([
    ["said by the caller", pytorch(), { layout: "pytorch" }],
    ["said by the file", pytorch({ format: "pt" }), {}],
    ["under a prefix", pytorch({ format: "pt" }, "net."), { prefix: "net." }],
  ])("of PyTorch's load transposed: %s", async (_, bytes, options) => {
    using engine = await create();
    using model = sequential(engine, net, { seed: 1 });
    loadWeights(model, bytes, options);
    expect([...predict(model, inputs)]).toEqual([4.5, 503.5]);
    // And back: what PyTorch would load.
    const back = safetensors.parse(saveWeights(model, { layout: "pytorch" }));
    expect(back.tensors["0.weight"]).toMatchObject({ shape: [3, 2], data: Float32Array.of(1, 2, 3, -4, -5, 6) });
    expect(back.metadata).toMatchObject({ format: "pt" });
    using again = sequential(engine, net, { seed: 2 });
    loadWeights(again, saveWeights(model, { layout: "pytorch" }));
    expect([...predict(again, inputs)]).toEqual([4.5, 503.5]);
  });

  it("refuse files that do not fit, naming the first tensor, and change nothing", async () => {
    using engine = await create();
    using model = sequential(engine, net, { seed: 1 });
    const before = model.parameters().map((tensor) => tensor.toArray());
    const refused = (bytes: Uint8Array, message: RegExp, options = {}) => {
      expect(() => loadWeights(model, bytes, options)).toThrow(message);
      expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
    };
    refused(pytorch(), /^layout: expected "thalweg" or "pytorch" for a file that does not say, got undefined$/);
    refused(pytorch(), /^bytes: expected tensor "0\.weight" of shape \[2, 3\], got shape \[3, 2\]$/, {
      layout: "thalweg",
    });
    refused(pytorch(), /^layout: .*got "torch"$/, { layout: "torch" });
    refused(pytorch({ format: "pt" }), /^bytes: expected tensor "0\.weight" of shape \[3, 2\], got none$/, {
      prefix: "x.",
    });
    using narrow = sequential(engine, [dense(2, 3), relu(), dense(3, 2)]);
    refused(saveWeights(narrow), /^bytes: expected tensor "2\.weight" of shape \[3, 1\], got shape \[3, 2\]$/);
    using deep = sequential(engine, [...net, relu(), dense(1, 1)]);
    refused(saveWeights(deep), /^bytes: expected no tensor "4\.bias" for this model, got one of shape \[1\]$/);
    using shallow = sequential(engine, net.slice(0, 2));
    refused(saveWeights(shallow), /^bytes: expected tensor "2\.weight" of shape \[3, 1\], got none$/);
    const integers = encodeSafetensors({ "0.weight": { shape: [2, 3], data: new Int32Array(6) } }, {});
    refused(integers, /"0\.weight" .* dtype F32, F64, F16 or BF16, got dtype I32$/, { layout: "thalweg" });
    refused(new TextEncoder().encode("<!doctype html>"), /^bytes: expected a whole safetensors file/);
  });

  it("refuse any damaged byte except blanks after the header", async () => {
    using engine = await create();
    using model = sequential(engine, net, { seed: 1 });
    const bytes = saveWeights(model);
    const before = model.parameters().map((tensor) => tensor.toArray());
    const end = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    for (let at = 0; at < bytes.length; at++) {
      if (at >= 8 && at < end && bytes[at] === 0x20) continue; // a blank may become another blank or invalid JSON
      const damaged = bytes.slice();
      damaged[at] ^= 1 << (at % 8);
      expect(() => loadWeights(model, damaged), `byte ${at}`).toThrow();
      if (at % 16 === 0) expect(() => loadWeights(model, bytes.subarray(0, at))).toThrow(/^bytes: /);
    }
    expect(model.parameters().map((tensor) => tensor.toArray())).toEqual(before);
    loadWeights(model, bytes);
  });
});
