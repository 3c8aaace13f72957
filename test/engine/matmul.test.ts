import { expect, test } from "vitest";
import { backends } from "../support/backends.js";

// What matmul says to its caller; its numbers are in gemm.test.ts.
for (const backend of backends) {
  test(`${backend.name}: a product of the docs`, async () => {
    using engine = await backend.create();
    const c = engine.matmul(engine.tensor([2, 3], [1, 2, 3, 4, 5, 6]), engine.tensor([3, 2], [7, 8, 9, 10, 11, 12]));
    expect(c.shape).toEqual([2, 2]);
    expect([...c.data]).toEqual([58, 64, 139, 154]);
  });

  test(`${backend.name}: one matrix may be both operands`, async () => {
    using engine = await backend.create();
    const a = engine.tensor([2, 2], [1, 2, 3, 4]);
    expect([...engine.matmul(a, a).data]).toEqual([7, 10, 15, 22]);
    expect([...engine.matmul(a, a, { transposeB: true }).data]).toEqual([5, 11, 11, 25]);
  });

  test(`${backend.name}: what does not fit is refused, and nothing is changed`, async () => {
    using engine = await backend.create();
    using other = await backend.create();
    const a = engine.tensor([2, 3], [1, 2, 3, 4, 5, 6]);
    const b = engine.tensor([3, 4], new Array(12).fill(1));
    const out = engine.tensor([2, 4], new Array(8).fill(9));
    const gone = engine.tensor([3, 4]);
    gone.dispose();
    const before = engine.bytesInUse;
    const refuse = (run: () => unknown, type: typeof TypeError | typeof RangeError, message: RegExp) => {
      expect(run).toThrow(type);
      expect(run).toThrow(message);
    };
    refuse(() => engine.matmul(a, a), RangeError, /matmul: expected op\(b\) with 3 rows.*\[2, 3\]/);
    refuse(() => engine.matmul(a, b, { transposeA: true }), RangeError, /with 2 rows/);
    refuse(() => engine.matmul(a, b, { transposeB: true }), RangeError, /with 3 rows.*\[4, 3\]/);
    refuse(() => engine.matmul(engine.attach(new Float32Array(6), { shape: [2, 3] }), b), TypeError, /^a: .*attached/);
    refuse(() => engine.matmul(a, gone), TypeError, /^b: .*disposed/);
    refuse(() => engine.matmul(other.tensor([2, 3]), b), TypeError, /^a: .*another engine/);
    refuse(() => engine.matmul(a, b, { out: other.tensor([2, 4]) }), TypeError, /^out: .*another engine/);
    refuse(
      () => engine.matmul(a, b, { out: engine.tensor([4, 2]) }),
      RangeError,
      /^out: expected shape \[2, 4\], got \[4, 2\]/,
    );
    refuse(() => engine.matmul(engine.tensor(3), b), RangeError, /^a: expected 2 dimensions, got \[3\]/);
    refuse(() => engine.matmul(a, b, { accumulate: true }), TypeError, /^out: /);
    refuse(() => engine.matmul(a, b, { transposed: true } as object), RangeError, /transposed/);
    refuse(() => engine.matmul(a, b, { transposeA: 1 as unknown as boolean }), TypeError, /^transposeA: .*got 1/);
    refuse(() => engine.matmul([1, 2] as never, b), TypeError, /^a: expected a tensor, got \[1, 2\]/);
    const square = engine.tensor([3, 3], new Array(9).fill(1));
    refuse(
      () => engine.matmul(square, square, { out: square }),
      RangeError,
      /^out: expected a tensor other than a and b/,
    );
    expect([...a.data, ...out.data, ...square.data]).toEqual([
      1,
      2,
      3,
      4,
      5,
      6,
      ...new Array(8).fill(9),
      ...new Array(9).fill(1),
    ]);
    expect(engine.bytesInUse).toBeGreaterThan(before); // the tensors made in the calls above, not the products
    other.dispose();
    refuse(() => other.matmul(a, b), TypeError, /disposed/);
  });
}
