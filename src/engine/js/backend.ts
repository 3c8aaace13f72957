/** The backend in plain TypeScript: memory is Float32Arrays, kernels are the twins. */

import { type Backend, type OnRefs, outOfMemory, padded, type Ref } from "../backend.js";
import { gemm } from "./gemm.js";
import { twins } from "./twins.js";

function ints(ref: Ref, length: number): Int32Array {
  const array = ref as Float32Array | Int32Array;
  return new Int32Array(array.buffer, array.byteOffset, length);
}

function doubles(ref: Ref, length: number): Float64Array {
  const array = ref as Float32Array | Float64Array;
  return new Float64Array(array.buffer, array.byteOffset, length);
}

/** @param maxMemoryMiB limit of all arrays together, including working memory */
export function jsBackend(maxMemoryMiB = 4096): Backend {
  let used = 0;
  return {
    name: "js",
    simd: "none",
    threads: 1,
    broken: "",
    lost: "",
    largest: Number.POSITIVE_INFINITY,
    get held() {
      return used;
    },
    allocate(length) {
      const bytes = padded(length) * 4;
      try {
        if (used + bytes > maxMemoryMiB * 2 ** 20) throw new RangeError();
        const array = new Float32Array(padded(length));
        used += bytes;
        return array;
      } catch {
        throw outOfMemory(bytes, used, maxMemoryMiB);
      }
    },
    free(ref) {
      used -= (ref as Float32Array).byteLength;
    },
    at: (ref, offset, length) => (ref as Float32Array).subarray(offset, offset + length),
    floats(ref, length) {
      const array = ref as Float32Array;
      if (array.length < length)
        throw new TypeError(
          `data or grad: expected ${length} numbers, got ${array.length}: the buffer was transferred`,
        );
      return array.subarray(0, length);
    },
    ints,
    asInts: ints,
    doubles,
    asDoubles: doubles,
    stale: ({ length }) => length === 0, // of a buffer that the caller has transferred
    kernel: <F>(_: string, twin: F) => twin as unknown as OnRefs<F>,
    common: (name) => twins[name as keyof typeof twins],
    update: (_, twin) => (n, p, g, slots, _count, scalars) =>
      twin(n, p as Float32Array, g as Float32Array, slots as Float32Array[], scalars),
    gemm(product: Parameters<typeof gemm>[0], a: Ref, b: Ref, c: Ref) {
      gemm(product, a as Float32Array, b as Float32Array, c as Float32Array);
    },
    reserve() {},
    dispose() {},
  };
}
