import { afterEach, expect, test, vi } from "vitest";
import { type Tile, Tiles } from "../../src/engine/wasm/tiles.js";

// A clock that only products move, so that each takes the time that the test says.
let clock = 0;
const run = (tiles: Tiles, work: number, milliseconds: (tile: Tile) => number) => {
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  const start = tiles.begin(work);
  clock += milliseconds(tiles.tile);
  tiles.end(start);
};
afterEach(() => void vi.restoreAllMocks());

test.each([
  [4, 6],
  [6, 4],
] as const)("the tile of %i rows is kept where it is the faster", (fast, slow) => {
  const tiles = new Tiles();
  const met = new Set<Tile>();
  for (let i = 0; i < 500; i++) {
    met.add(tiles.tile);
    run(tiles, 1e6, (tile) => (tile === fast ? 0.5 : 0.6));
  }
  expect([...met].sort()).toEqual([4, 6]);
  for (let i = 0; i < 100; i++) {
    expect(tiles.tile).toBe(fast);
    run(tiles, 1e6, (tile) => (tile === slow ? 0.1 : 10)); // decided: later times change nothing
  }
});

test("layers that come in turns do not each meet one tile alone", () => {
  const tiles = new Tiles();
  const met: Set<Tile>[] = [new Set(), new Set()];
  // The second layer takes half as long for its work with either tile; of the two, six rows are a tenth faster.
  for (let i = 0; i < 1000; i++) {
    met[i % 2].add(tiles.tile);
    run(tiles, 1e6, (tile) => (i % 2 ? 0.4 : 0.8) * (tile === 6 ? 0.9 : 1));
  }
  expect(met.map((tiles) => [...tiles].sort())).toEqual([
    [4, 6],
    [4, 6],
  ]);
  expect(tiles.tile).toBe(6);
});

test("interruptions and cold code do not decide", () => {
  const tiles = new Tiles();
  let calls = 0;
  // Six rows are slow until compiled for good, and every tenth product is interrupted.
  for (let i = 0; i < 1000; i++) {
    run(tiles, 1e6, (tile) => {
      const cold = tile === 6 && ++calls < 20;
      return (tile === 6 ? 0.5 : 0.6) * (cold ? 3 : 1) + (i % 10 === 0 ? 5 : 0);
    });
  }
  expect(tiles.tile).toBe(6);
});

test("a pinned tile stays, and small products are not timed", () => {
  const pinned = new Tiles(6);
  const free = new Tiles();
  for (let i = 0; i < 500; i++) {
    run(pinned, 1e6, () => 1);
    expect(pinned.tile).toBe(6);
    run(free, 1e3, () => 1);
    expect(free.tile).toBe(4);
  }
});
