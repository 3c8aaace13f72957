/** Detects what the host can run. */

// The smallest module that needs an instruction, for WebAssembly.validate:
// (module (func (result v128) i32.const 0 i8x16.splat … <instruction>))
const module = (operands: number, ...instruction: number[]): Uint8Array<ArrayBuffer> => {
  const splats = Array.from({ length: operands }, () => [0x41, 0, 0xfd, 15]).flat();
  const body = [0, ...splats, ...instruction, 11];
  const head = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 0x7b, 3, 2, 1, 0];
  return new Uint8Array([...head, 10, body.length + 2, 1, body.length, ...body]);
};
const SIMD = module(2, 0xfd, 228, 1); // f32x4.add
const RELAXED = module(3, 0xfd, 133, 2); // f32x4.relaxed_madd

export interface Host {
  /** The builds that the host can run, best first. */
  variants: ("relaxed" | "strict")[];
  /** Why the host cannot run the relaxed build, or any; empty when it can. */
  lacks: string;
}

export function detect(): Host {
  if (typeof WebAssembly !== "object") return { variants: [], lacks: "the host has no WebAssembly" };
  if (!WebAssembly.validate(SIMD)) return { variants: [], lacks: "the host has WebAssembly without SIMD" };
  if (!WebAssembly.validate(RELAXED)) return { variants: ["strict"], lacks: "the host has no relaxed SIMD" };
  return { variants: ["relaxed", "strict"], lacks: "" };
}
