import { expect, it } from "vitest";
import { unrolled } from "../../src/build/unroll.js";

const kernel = (code: string): string => `import { add, BYTES, load, store } from "../lane";

export function double(n: i32, x: usize): void {
  const end = <usize>n << 2;
  let i: usize = 0;
${code}}
`;

const loop = (body: string, turns = 1): string => `  do {
${body}${turns === 1 ? "    i += BYTES" : `  i += ${turns} * BYTES`};
  } while (i < end);
`;
const body = `    const v = load(x + i);
    store(x + i, add(v, v));
`;
/** The body over so many vectors, as the build writes it. */
const over = (turns: number, one = body): string =>
  loop(
    Array.from({ length: turns }, (_, k) => `{\n${one.replace(/(load|store)\(/g, k ? `$1${k}(` : "$1(")}}\n`).join(""),
    turns,
  );
const imports = (source: string): string =>
  source.replace(/(import \{[^}]*)\}/, "$1, load1, load2, load3, store1, store2, store3, plusNothing, timesOne}");

it("writes the body of a loop once more, for the next vector, and a short one four times", () => {
  const twice = (one: string): string => imports(kernel(over(2, one)));
  const longer = body.replace("add(v, v)", "add(v, add(v, add(v, add(v, add(v, v)))))");
  const divides = longer.replace("add(", "div(");
  expect(unrolled(kernel(loop(longer)), 7)).toBe(imports(kernel(over(4, longer))));
  expect(unrolled(kernel(loop(longer)), 6)).toBe(twice(longer));
  expect(unrolled(kernel(loop(divides)), 7)).toBe(twice(divides));
  expect(unrolled(kernel(loop(body)), 7)).toBe(twice(body));
});

it("writes a body with a cube root for four vectors, each with constants of its own, and all stores last", () => {
  const root =
    "    const v = cbrt(load(x + i));\n    const w = add(v, K);\n    store(y + i, w);\n    store(x + i, add(w, v));\n";
  const each = (line: (k: number, nth: string) => string) => [0, 1, 2, 3].map((k) => line(k, k ? `${k}` : "")).join("");
  const constants = each(
    (k, nth) => `    const v_${k} = cbrt(load${nth}(x + i));\n    const w_${k} = add(v_${k}, K);\n`,
  );
  const stores = each((k, nth) => `    store${nth}(y + i, w_${k});\n    store${nth}(x + i, add(w_${k}, v_${k}));\n`);
  expect(unrolled(kernel(loop(root)), 0)).toBe(imports(kernel(loop(constants + stores, 4))));
});

it("writes a loop once more without what its scalars are mostly neutral for", () => {
  const decaying = "  const L = splat(l2), K = splat(keep);\n";
  const words = "    store(x + i, plus(times(K, load(x + i)), L, v));\n";
  const found = unrolled(kernel(decaying + loop(words)), 0);
  expect(found).toContain(
    "if (l2 == 0 && keep == 1) {  do {\n{\n    store(x + i, plusNothing(timesOne(K, load(x + i)), L, v));",
  );
  expect(found).toContain(
    "} else {if (l2 == 0) {  do {\n{\n    store(x + i, plusNothing(times(K, load(x + i)), L, v));",
  );
  expect(found).toContain("} else {  do {\n{\n    store(x + i, plus(times(K, load(x + i)), L, v));");
  expect(() => unrolled(kernel(loop(words)), 0)).toThrow(/^expected K = splat\(…\) before a loop/);
  expect(() => unrolled(kernel(decaying + loop(words + words)), 0)).toThrow(/^expected one plus\(\) in a loop, got 2/);
});

it("leaves sources without loops alone but for their imports, and refuses loops of another form", () => {
  expect(unrolled("export const x: f32 = 1;\n", 0)).toBe("export const x: f32 = 1;\n");
  const backwards = "  do {\n    i -= BYTES;\n  } while (i > 0);\n";
  expect(() => unrolled(kernel(backwards), 0)).toThrow(/^expected loops of the form do \{ … i \+= BYTES; \} while/);
});
