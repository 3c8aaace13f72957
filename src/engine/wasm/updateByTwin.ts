import type { Ref, Twin, Update } from "../backend.js";

/** The update of a rule of the caller's without a kernel: its twin, on views of the memory, which each call makes. */
export const updateByTwin =
  (twin: Twin, floats: (ref: number, length: number) => Float32Array): Update =>
  (n, p, g, slots, count, scalars) => {
    const view = (ref: Ref): Float32Array => floats(ref as number, n);
    twin(n, view(p), view(g), slots.slice(0, count).map(view), scalars);
  };
