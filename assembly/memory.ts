// The heap: AssemblyScript's own TLSF allocator. Its root is the one mutable global of the module, and only
// the instance that owns the memory may call these two.
import { BYTES } from "./lane";

/** Zeroed memory of `bytes`, rounded up to fours of vectors, 16-byte aligned; traps when the memory cannot grow. */
export function alloc(bytes: usize): usize {
  const whole = (bytes + 4 * BYTES - 1) & ~(4 * BYTES - 1);
  const p = heap.alloc(whole);
  memory.fill(p, 0, whole);
  return p;
}

export function free(p: usize): void {
  heap.free(p);
}
