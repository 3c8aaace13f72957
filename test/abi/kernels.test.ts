/**
 * Drives every kernel of the raw binaries by abi.json alone (test/support/abi.ts): each takes what it is described to take,
 * writes where it is said to and nowhere else, and in the strict build has the bits of its twin, which is its definition.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { abi, type Call, draw, drawn, Raw, value } from "../support/abi.js";
import { runTwin } from "../support/abiTwins.js";
import { built } from "../support/built.js";
import { firstDifference } from "../support/numbers.js";

/** One, fewer than a vector, between a vector and a line, whole lines, and sizes that differ from each other. */
const SIZES = [[1], [3, 2, 5], [16], [17, 6, 4], [33, 9, 11], [64, 3, 2], [5, 40, 7]];
const raw = new Raw("strict.wasm");
const { gemmBytes } = raw.exports;

/** Calls of a kernel with every size and choice. */
function calls(kernel: string): Call[] {
  const choices = abi.kernels[kernel].arguments.reduce(
    (count, argument) => count * ((argument.role === "scalar" && argument.values?.length) || 1),
    1,
  );
  return SIZES.flatMap((sizes, i) =>
    Array.from({ length: choices }, (_, choice) => choice).flatMap((choice) =>
      [true, false].map((positive, j) =>
        draw(kernel, { sizes, choice, positive, seed: 1000 * i + 10 * choice + j }, { gemmBytes }),
      ),
    ),
  );
}

/** Without working memory, and what has become it. */
const results = (kernel: string, arrays: Call["arrays"]) =>
  abi.kernels[kernel].arguments.flatMap((argument) =>
    argument.role === "array" && !/scratch|consumed/.test(argument.access)
      ? [arrays[argument.name] as Float32Array]
      : [],
  );

test("every export is driven, but for those without arrays", () => {
  const others = Object.keys(abi.kernels).filter((name) => !drawn.some(([one]) => one === name));
  expect(others.sort()).toEqual(["alloc", "free", "gemmBytes", "variant"]);
  expect(drawn.length).toBeGreaterThan(165);
});

test("a write where abi.json says nothing of one is seen", () => {
  const copy = draw("copy", { sizes: [5], choice: 0, positive: true, seed: 1 });
  expect(raw.call({ ...copy, given: { n: 6 } }).harmed).toEqual(["memory beside the arrays"]);
  // With its operands exchanged, copy writes to the one that it is said to read.
  expect(raw.call(copy, 0, ([n, x, y], exported) => exported(n, y, x)).harmed).toEqual(["x"]);
});

describe.each(drawn)("%s", (kernel) => {
  test("writes where abi.json says, and has the bits of its twin", () => {
    for (const call of calls(kernel)) {
      const { result, after, harmed } = raw.call(call);
      const label = `${kernel} ${JSON.stringify(call.given)}`;
      expect(harmed, label).toEqual([]);
      const want = runTwin(call);
      expect(result, label).toBe(want.result);
      expect(firstDifference(results(kernel, after), results(kernel, want.after)), label).toBeUndefined();
    }
  });
});

test("arrays may be at any address", () => {
  for (const [kernel] of drawn) {
    const call = draw(kernel, { sizes: [17, 6, 4], choice: 0, positive: true, seed: 7 }, { gemmBytes });
    const [aligned, shifted] = [raw.call(call), raw.call(call, 4)];
    expect(shifted.harmed, kernel).toEqual([]);
    expect(firstDifference(results(kernel, shifted.after), results(kernel, aligned.after)), kernel).toBeUndefined();
  }
});

/** Node 20 has no relaxed SIMD. */
const others = Object.keys(abi.binaries).filter((name) => WebAssembly.validate(readFileSync(built(`wasm/${name}`))));

test.each(others)("%s has these bits, but for a product with relaxed SIMD", (name) => {
  const other = new Raw(name);
  for (const [kernel] of drawn) {
    if (kernel === "gemm" && abi.binaries[name].simd === "relaxed") continue;
    const call = draw(kernel, { sizes: [33, 9, 11], choice: 1, positive: true, seed: 8 }, { gemmBytes });
    const { after, result } = raw.call(call);
    const got = other.call(call);
    expect(got.result, kernel).toBe(result);
    expect(firstDifference(results(kernel, got.after), results(kernel, after)), kernel).toBeUndefined();
  }
});

describe("in parts", () => {
  const cut = drawn.filter(([, { parts }]) => parts && parts.cut !== "block");

  test("every kernel over elements can be cut", () => {
    const whole = drawn.filter(([, { loop, parts }]) => loop && !parts);
    expect(whole).toEqual([]);
    expect(cut.length).toBeGreaterThan(140);
  });

  test.each(cut)("%s: two calls on parts give the bits of one", (kernel, { parts, arguments: list }) => {
    const first = list[0].name;
    const call = draw(kernel, { sizes: [2 * parts!.at + 5, 16], choice: 0, positive: true, seed: 9 }, { gemmBytes });
    const whole = raw.call(call);
    let total = 0;
    const { after } = raw.call(call, 0, (args, exported) => {
      for (const from of [0, parts!.at]) {
        const size = from === 0 ? parts!.at : call.given[first] - from;
        const own = list.map(({ name }, i) => args[i] + from * value(`${parts!.advance[name] ?? 0}`, call.given));
        own[0] = size;
        total += exported(...own) ?? 0;
      }
    });
    expect(firstDifference(results(kernel, after), results(kernel, whole.after))).toBeUndefined();
    if (parts!.cut === "sum") expect(total).toBe(whole.result);
  });

  test("gemm: blocks of C give the bits of one product", () => {
    for (const choice of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      const call = draw("gemm", { sizes: [9, 21, 13], choice, positive: false, seed: 5 }, { gemmBytes });
      const { transA, transB, m, n, strideA, strideB, strideC } = call.given;
      const whole = raw.call(call);
      const { after } = raw.call(call, 0, (args, gemm) => {
        const at = Object.fromEntries(abi.kernels.gemm.arguments.map(({ name }, i) => [name, i]));
        for (const [i, rows] of [
          [0, 4],
          [4, m - 4],
        ]) {
          for (const [j, columns] of [
            [0, 10],
            [10, n - 10],
          ]) {
            const own = args.slice();
            own[at.m] = rows;
            own[at.n] = columns;
            own[at.a] += 4 * i * (transA ? 1 : strideA);
            own[at.b] += 4 * j * (transB ? strideB : 1);
            own[at.c] += 4 * (i * strideC + j);
            gemm(...own);
          }
        }
      });
      expect(firstDifference(results("gemm", after), results("gemm", whole.after))).toBeUndefined();
    }
  });
});
