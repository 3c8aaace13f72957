// Rectangles of floats, each with a stride of its own in bytes from one row to the next.
import { add, load, store } from "../lane";

/** to = from */
export function move(from: usize, lineFrom: usize, to: usize, lineTo: usize, rows: i32, columns: i32): void {
  const end = <usize>columns << 2, whole = end & ~15;
  for (; rows > 0; rows--, from += lineFrom, to += lineTo) {
    for (let j: usize = 0; j < whole; j += 16) store(to + j, load(from + j));
    for (let j = whole; j < end; j += 4) v128.store32_lane(to + j, v128.load32_zero(from + j), 0);
  }
}

/** to += aside */
export function addTo(to: usize, lineTo: usize, aside: usize, line: usize, rows: i32, columns: i32): void {
  const end = <usize>columns << 2, whole = end & ~15;
  for (; rows > 0; rows--, aside += line, to += lineTo) {
    for (let j: usize = 0; j < whole; j += 16) store(to + j, add(load(to + j), load(aside + j)));
    for (let j = whole; j < end; j += 4) {
      v128.store32_lane(to + j, add(v128.load32_zero(to + j), v128.load32_zero(aside + j)), 0);
    }
  }
}
