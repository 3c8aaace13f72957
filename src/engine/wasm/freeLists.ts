/** Sizes of blocks as AssemblyScript's allocator has them. */

/**
 * AssemblyScript's allocator keeps free blocks in lists by size, 16 for each power of two. It takes the first block of a
 * list without a look at its size, and rounds requests up to the next list so that any block of that fits; but not from
 * 512 MiB on, where it returns blocks that are too short and so memory of other tensors. Those requests are rounded here.
 */
export const UNROUNDED = 2 ** 29 - 64; // with padding and a header
export const STEP = 2 ** 25; // between two lists from there on
export const LARGEST = 31 * STEP; // bytes of one block: where the last list begins

/** The least size of a free block in which the allocator finds room for this many bytes: one that begins a list. */
export function listed(bytes: number): number {
  const size = bytes + 12; // a block and its header fill units of 16 bytes
  const step = bytes < UNROUNDED ? 2 ** (27 - Math.clz32(size)) : STEP;
  return Math.ceil((bytes < UNROUNDED ? size : bytes) / step) * step;
}
