/** Sorted lists against arrays that are sorted anew. */
import { expect, it } from "vitest";
import { random } from "../../src/math/random.js";
import { SortedList } from "../../src/sweep/sortedList.js";

it("has items in order, the rank of each, and the first, over many parts", () => {
  const draw = random(5);
  const list = new SortedList<number>((a, b) => a < b);
  const array: number[] = [];
  for (let i = 0; i < 6000; i++) {
    const item = Math.floor(draw.uniform() * 1e6);
    list.insert(item);
    array.push(item);
  }
  array.sort((a, b) => a - b);
  expect([list.length, list.first]).toEqual([6000, array[0]]);
  for (const probe of [-1, 0, array[0], array[17], array[3000], array[5999], 1e6 + 1])
    expect(list.rank(probe)).toBe(array.filter((x) => x < probe).length);
  expect(Array.from({ length: 6000 }, () => list.shift())).toEqual(array);
  expect([list.length, list.first, list.shift()]).toEqual([0, undefined, undefined]);
  list.insert(3);
  expect(list.rank(4)).toBe(1);
});
