import fc from "fast-check";
import { expect, it } from "vitest";
import { carve, partsOf } from "../../src/build/carve.js";
import { decode, encode } from "../../src/engine/wasm/binaryText.js";

it("gives back every binary", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(Buffer.from(decode(encode(bytes)))).toEqual(Buffer.from(bytes));
    }),
  );
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect([...decode(encode(all))]).toEqual([...all]);
});

it("is printable ASCII without quotes, one letter for the smallest bytes and two for others", () => {
  const all = encode(Uint8Array.from({ length: 256 }, (_, i) => i));
  expect(all).toMatch(/^[ !#-~]+$/);
  expect(all).toHaveLength(92 + 2 * (256 - 92));
});

// (module (memory 1) (func (export "one") …) (func (export "two") …)), each with a constant of its own
const two = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 5, 1, 96, 0, 1, 127],
  ...[3, 3, 2, 0, 0],
  ...[7, 13, 2, 3, 111, 110, 101, 0, 0, 3, 116, 119, 111, 0, 1],
  ...[10, 13, 2, 5, 0, 65, 145, 1, 11, 5, 0, 65, 162, 1, 11],
]);

it("carves out what is asked for, and refuses what is not there", async () => {
  const carved = carve(two, ["two"]);
  const { instance } = (await WebAssembly.instantiate(carved as Uint8Array<ArrayBuffer>)) as unknown as {
    instance: { exports: { two(): number } };
  };
  expect(Object.keys(instance.exports)).toEqual(["two"]);
  expect(instance.exports.two()).toBe(162);
  expect(carved.length).toBeLessThan(two.length);
  expect(() => carve(two, ["three"])).toThrow("the binary does not export three()");
});

it("makes a part of each file, but for the core and the products", () => {
  const index = `export function variant(): i32 { return 0; }
export { sum } from "./reduce";
export {
  relu,
  tanh,
} from "./activation";
export { sgd, sgdMomentum } from "./optim/sgd";
export { gemm, gemmBytes } from "./gemm/gemm";
export { dot } from "./reduce";
`;
  expect(Object.fromEntries(partsOf(index))).toEqual({
    products: ["variant", "gemm", "gemmBytes"],
    core: ["sum", "dot"],
    activation: ["relu", "tanh"],
    "optim/sgd": ["sgd", "sgdMomentum"],
  });
});
