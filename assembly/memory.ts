// The heap is AssemblyScript's own TLSF allocator. Its root is the only mutable global of the module, so only the
// instance that owns the memory may call these two functions.
import { BYTES } from "./lane";

/**
 * Allocates zeroed memory of `bytes`, rounded up to a multiple of four vectors and aligned to 16 bytes. Traps when the
 * memory cannot grow.
 */
export function alloc(bytes: usize): usize {
  const whole = (bytes + 4 * BYTES - 1) & ~(4 * BYTES - 1);
  const p = heap.alloc(whole);
  memory.fill(p, 0, whole);
  return p;
}

export function free(p: usize): void {
  heap.free(p);
}
