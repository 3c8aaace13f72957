import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { extraKernels } from "../../src/engine/extraKernels.js";
import { twins as commonTwins } from "../../src/engine/js/twins.js";
import extra from "../../src/engine/wasm/binaries/extra.js";
import { activationKernels } from "../../src/nn/activation.js";
import { backends } from "../support/backends.js";
import { nnBinaries, nnKernels } from "../support/nnKernels.js";
import { awkward, difference, numbers, uniform } from "../support/numbers.js";
import { SIGNATURES } from "../support/signatures.js";

// Every shared kernel against its twin, bit for bit. Signatures come from a table; a kernel that is not in it fails
// the first test. "rows" kernels take (rows, columns, ...) and get their sizes from SHAPES.

// Its numbers stand between its operands: a test of its own.
const APART = ["copyColumns"];

const twins: Record<string, (...args: never[]) => unknown> = { ...commonTwins, ...extraKernels.twins, ...nnKernels };
const SIZES = [...Array.from({ length: 67 }, (_, i) => i + 1), 4095, 4096, 4097, 8193];
const SHAPES = [1, 2, 3, 4, 5, 7, 8, 9, 16, 33].flatMap((rows) =>
  [1, 2, 3, 4, 5, 8, 10, 17].map((columns) => [rows, columns] as const),
);

test("the table has a signature for every shared kernel", () => {
  expect([...Object.keys(SIGNATURES), ...APART].sort()).toEqual(Object.keys(twins).sort());
});

type Made = { tensor: ReturnType<Engine["tensor"]>; array: Float32Array | Int32Array };

/** An operand on the engine and, equal to it, for the twin; NaN in the padding, where the engine has some. */
function operand(engine: Engine, values: Float32Array): Made {
  const tensor = engine.tensor(values.length, values);
  engine.implementation.floats(tensor.ref, tensor.place.length).fill(Number.NaN, values.length);
  return { tensor, array: values.slice() };
}
function order(engine: Engine, values: Int32Array): Made {
  const tensor = engine.tensor(values.length);
  engine.implementation.ints(tensor.ref, values.length).set(values);
  return { tensor, array: values };
}

/** Runs a kernel and its twin; returns what differs, in the results or in any operand. */
function compare(engine: Engine, name: string, sizes: number[], made: Made[], scalars: number[]): string | undefined {
  const kernel = engine.implementation.kernel(name, twins[name], undefined, [extra, ...nnBinaries]) as (
    ...args: unknown[]
  ) => number | undefined;
  // Kernels over vectors take the padded size; twins may stop at the true one.
  const { form, operands } = SIGNATURES[name];
  const whole = form === "vector" ? [made[0].tensor.place.length] : sizes;
  const refs = made.map(({ tensor }, i) =>
    operands[i] === "order" ? engine.implementation.asInts(tensor.ref, tensor.size) : tensor.ref,
  );
  const got = kernel(...whole, ...refs, ...scalars);
  const want = (twins[name] as (...args: unknown[]) => number | undefined)(
    ...sizes,
    ...made.map(({ array }) => array),
    ...scalars,
  );
  const label = `${name}(${sizes})${scalars.length > 0 ? ` by ${scalars}` : ""}`;
  if (!Object.is(got, want)) return `${label}: returns ${got}, not ${want}`;
  for (const [i, { tensor, array }] of made.entries()) {
    if (operands[i] === "order") continue;
    const wrong = difference(tensor.data, array as Float32Array);
    if (wrong) return `${label}: operand ${i}, ${wrong}`;
  }
  for (const { tensor } of made) tensor.dispose();
  return undefined;
}

for (const backend of backends) {
  for (const [name, { form, operands, scalars = [[]], unit = 1, lengths: lengthsOf }] of Object.entries(SIGNATURES)) {
    if (form === "vector" || form === "sum") {
      test(`${backend.name}: ${name} is its twin, for every size and special value`, async () => {
        using engine = await backend.create();
        for (const size of SIZES) {
          for (const numbersAfter of scalars) {
            for (const values of form === "sum" ? [uniform, awkward] : [awkward]) {
              const made = operands.map((_, i) => operand(engine, values(size, 10 * size + i)));
              const wrong = compare(engine, name, [size], made, numbersAfter);
              if (wrong) expect.fail(wrong);
            }
          }
        }
      });
      continue;
    }
    test(`${backend.name}: ${name} is its twin, for rows of every kind`, async () => {
      using engine = await backend.create();
      for (const [rows, units] of SHAPES) {
        const columns = units * unit;
        // Special values, and ordinary ones, which in a softmax they would drown.
        for (const [values, numbersAfter] of [uniform, awkward].flatMap((v) => scalars.map((s) => [v, s] as const))) {
          const next = numbers(rows * columns);
          const indices = Int32Array.from({ length: rows }, () =>
            Math.floor(next() * (form === "loss" ? columns : rows)),
          );
          const lengths = lengthsOf!(rows, columns);
          const made = operands.map((kind, i) =>
            kind === "order" ? order(engine, indices) : operand(engine, values(lengths[i], 100 * rows + columns + i)),
          );
          const wrong = compare(engine, name, [rows, columns], made, numbersAfter);
          if (wrong) expect.fail(wrong);
        }
      }
    });
  }

  test(`${backend.name}: sums are those of f64, to the last digits`, async () => {
    using engine = await backend.create();
    const { dot, sum, sumAbs } = engine.kernels;
    for (const size of [1, 2, 3, 5, 8, 13, 100, 4096, 4097, 100001]) {
      const x = uniform(size, size);
      const y = uniform(size, size + 1);
      let [total, product, magnitude] = [0, 0, 0];
      for (let i = 0; i < size; i++) {
        total += x[i];
        product += x[i] * y[i];
        magnitude += Math.abs(x[i]);
      }
      const [a, b] = [operand(engine, x).tensor, operand(engine, y).tensor];
      expect(Math.abs(sum(size, a.ref) - total)).toBeLessThanOrEqual(size * 2 ** -53 * magnitude);
      expect(Math.abs(sumAbs(size, a.ref) - magnitude)).toBeLessThanOrEqual(size * 2 ** -53 * magnitude);
      expect(Math.abs(dot(size, a.ref, b.ref) - product)).toBeLessThanOrEqual(size * 2 ** -53 * magnitude);
    }
    // Whole numbers leave nothing to rounding: the sum of 1 to n, and of their squares.
    for (const size of SIZES) {
      const { tensor } = operand(
        engine,
        Float32Array.from({ length: size }, (_, i) => i + 1),
      );
      expect(sum(size, tensor.ref)).toBe((size * (size + 1)) / 2);
      expect(dot(size, tensor.ref, tensor.ref)).toBe((size * (size + 1) * (2 * size + 1)) / 6);
      tensor.dispose();
    }
  });

  test(`${backend.name}: copyColumns moves a block and nothing else`, async () => {
    using engine = await backend.create();
    for (const [r, count, xAt, xWidth, yAt, yWidth] of [
      [1, 1, 0, 1, 0, 1],
      [3, 2, 1, 5, 4, 7],
      [5, 9, 2, 11, 0, 9],
      [4, 3, 0, 3, 1, 4],
    ] as const) {
      const x = awkward(r * xWidth, 1);
      const y = awkward(r * yWidth, 2);
      const [from, to] = [engine.tensor(x.length, x), engine.tensor(y.length, y)];
      extraKernels(engine).copyColumns(r, count, from.ref, xAt, xWidth, to.ref, yAt, yWidth);
      const want = y.map((v, i) => {
        const j = (i % yWidth) - yAt;
        return j >= 0 && j < count ? x[Math.floor(i / yWidth) * xWidth + xAt + j] : v;
      });
      expect(difference(to.data, want)).toBeUndefined();
      expect(difference(from.data, x)).toBeUndefined();
    }
  });

  test(`${backend.name}: flush keeps 2^-100 and clears what is below`, async () => {
    using engine = await backend.create();
    const limit = 2 ** -100;
    const below = limit - 2 ** -124;
    const t = engine.tensor(8, [limit, -limit, below, -below, 2 ** -149, -0, Number.NaN, Number.NEGATIVE_INFINITY]);
    engine.kernels.flush(8, t.ref);
    expect([...t.data]).toEqual([limit, -limit, 0, 0, 0, 0, Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  test(`${backend.name}: the rectifier and its derivative at zeros, NaN and infinities`, async () => {
    using engine = await backend.create();
    const kernels = engine.bind(activationKernels, {}, nnBinaries);
    const values = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** -149];
    const x = engine.tensor(8, values);
    const y = engine.tensor(8);
    kernels.relu(8, x.ref, y.ref);
    expect([...y.data]).toEqual([0, 0, 1, 0, Number.NaN, Number.POSITIVE_INFINITY, 0, 2 ** -149]);
    const d = engine.tensor(8, new Array(8).fill(3));
    kernels.reluBackward(8, y.ref, d.ref);
    expect([...d.data]).toEqual([0, 0, 3, 0, 0, 3, 0, 3]);
  });
}
