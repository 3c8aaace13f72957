import { readFile } from "node:fs/promises";
import binaryen from "assemblyscript/binaryen";
import { expect, it } from "vitest";
import { assembled, hoistConstants } from "../../src/build/constants.js";

const HALF = "v128.const i32x4 0x3f000000 0x3f000000 0x3f000000 0x3f000000";

/** y = x² / 2 for n vectors, in a loop within a loop that runs once. */
const source = `(module
 (import "env" "memory" (memory $0 1))
 (export "halfSquare" (func $kernels/halfSquare))
 (func $kernels/halfSquare (param $0 i32) (param $1 i32)
  (local $2 v128)
  loop $outer
   loop $inner
    local.get $1
    local.get $1
    v128.load
    local.tee $2
    local.get $2
    f32x4.mul
    ${HALF}
    f32x4.mul
    v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
    f32x4.add
    v128.store
    local.get $1
    i32.const 16
    i32.add
    local.set $1
    local.get $0
    i32.const 1
    i32.sub
    local.tee $0
    br_if $inner
   end
  end
 )
)
`;

it("sets a constant of a loop once a call, and leaves the kernel's numbers as they are", () => {
  const text = hoistConstants(source);
  const [before, loop] = text.split("loop $outer");
  expect(before).toContain("i32.const 0x3f000000\n");
  expect(loop).not.toContain(HALF);
  expect(loop).toContain("v128.const i32x4 0x00000000"); // one instruction wherever it is used
  for (const binary of [assembled(source), assembled(text)]) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
    const x = new Float32Array(memory.buffer, 64, 8);
    x.set([1, 2, 3, 4, -5, 0.5, Number.POSITIVE_INFINITY, Number.NaN]);
    (exports.halfSquare as (n: number, x: number) => void)(2, 64);
    expect([...x]).toEqual([0.5, 2, 4.5, 8, 12.5, 0.125, Number.POSITIVE_INFINITY, Number.NaN]);
  }
});

it("leaves a function without constants in loops as it is", () => {
  const without = source.replace(`    ${HALF}\n    f32x4.mul\n`, "");
  expect(hoistConstants(without)).toBe(without);
});

it("leaves no constant vector in any loop of the built binaries", async () => {
  for (const variant of ["strict", "relaxed"]) {
    const module = binaryen.readBinary(await readFile(new URL(`../../dist/wasm/${variant}.wasm`, import.meta.url)));
    module.setFeatures(binaryen.Features.All);
    const text = module.emitStackIR();
    module.dispose();
    expect(text.match(/^ \(func /gm)!.length).toBeGreaterThan(150);
    expect(hoistConstants(text)).toBe(text);
  }
});
