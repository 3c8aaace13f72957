import { expect, it } from "vitest";
import { unrolled } from "../src/build/unroll.js";

const kernel = (loop: string): string => `import { add, BYTES, load, store } from "../lane";

export function double(n: i32, x: usize): void {
  const end = <usize>n << 2;
  let i: usize = 0;
${loop}}
`;

it("writes the body of a loop once more, for the next vector", () => {
  const loop = `  do {
    const v = load(x + i);
    store(x + i, add(v, v));
    i += BYTES;
  } while (i < end);
`;
  const twice = `  do {
{
    const v = load(x + i);
    store(x + i, add(v, v));
}
{
    const v = loadNext(x + i);
    storeNext(x + i, add(v, v));
}
  i += 2 * BYTES;
  } while (i < end);
`;
  const words = "add, BYTES, load, store";
  expect(unrolled(kernel(loop))).toBe(kernel(twice).replace(`${words} `, `${words} , loadNext, storeNext`));
});

it("leaves sources without loops alone but for their imports, and refuses loops of another form", () => {
  expect(unrolled("export const x: f32 = 1;\n")).toBe("export const x: f32 = 1;\n");
  const backwards = "  do {\n    i -= BYTES;\n  } while (i > 0);\n";
  expect(() => unrolled(kernel(backwards))).toThrow(/^expected loops of the form do \{ … i \+= BYTES; \} while/);
});
