import { expect, test, vi } from "vitest";
import { measure, median, ratio } from "../../bench/harness.js";
import { type PeerResults, peerSummary, peerTables } from "../../bench/peerTables.js";
import { profileTable } from "../../bench/tables.js";

// The harness by times that are known beforehand: those that another process would give.

const remote = (times: number[]) => {
  const asked: number[] = [];
  const sample = async (time: number) => {
    asked.push(time);
    return times[asked.length - 1];
  };
  return { asked, sample };
};

test("a round asks every task for one median, in turns, after one warm-up", async () => {
  const [a, b] = [remote([90, 1, 2, 3]), remote([80, 2, 8, 3])];
  const times = await measure({ a, b }, { rounds: 3, time: 10 });
  expect(times).toEqual({ a: [1, 2, 3], b: [2, 8, 3] });
  expect(a.asked).toEqual([30, 10, 10, 10]);
  expect(ratio(times.b, times.a)).toBe(2); // of 2, 4 and 1
});

test("a slow task runs in the first rounds alone, and its ratios are of those", async () => {
  const [quick, slow] = [remote([1, 1, 2, 4, 8]), remote([200, 100, 300])];
  const times = await measure({ quick, slow }, { rounds: 4, time: 10, limit: 400 });
  expect(times).toEqual({ quick: [1, 2, 4, 8], slow: [100, 300] });
  expect(ratio(times.slow, times.quick)).toBe(125); // of 100 and 150
  expect(ratio(times.quick, times.slow)).toBe((1 / 100 + 2 / 300) / 2);
});

test("a task over the limit runs once, and what it returns is waited for", async () => {
  let calls = 0;
  const slow = async () => {
    calls++;
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  const times = await measure({ slow }, { rounds: 3, time: 1, limit: 5 });
  expect(calls).toBe(1);
  expect(times.slow).toHaveLength(1);
  expect(times.slow[0]).toBeGreaterThan(25);
});

test("a short task is timed by many calls in a row, and the time is that of one", async () => {
  let calls = 0;
  const short = () => void calls++;
  const times = await measure({ short }, { rounds: 3, time: 5 });
  expect(times.short).toHaveLength(3);
  expect(median(times.short)).toBeLessThan(0.01); // one call is some nanoseconds; a sample lasts 0.2 ms
  expect(calls).toBeGreaterThan(10_000);
});

// A page's clock ticks every 5 µs, or 1 ms, and a call between two ticks takes 0 by it.
test("a task shorter than a tick of the clock is timed all the same", async () => {
  const exact = performance.now.bind(performance);
  const coarse = vi.spyOn(performance, "now").mockImplementation(() => Math.floor(exact()));
  vi.resetModules(); // the harness reads the clock's tick as it is loaded
  const harness = await import("../../bench/harness.js");
  try {
    let calls = 0;
    const short = () => {
      if (++calls > 1e9) throw new Error("the calls do not end");
    };
    const { short: times } = await harness.measure({ short }, { rounds: 2, time: 60 });
    expect(times).toHaveLength(2);
    expect(median(times)).toBeGreaterThan(0);
    expect(median(times)).toBeLessThan(0.01);
  } finally {
    coarse.mockRestore();
  }
});

test("a task that throws ends the measurement", async () => {
  let calls = 0;
  const task = () => {
    if (++calls > 5) throw new Error("wrong result");
  };
  await expect(measure({ task }, { rounds: 2, time: 5 })).rejects.toThrow("wrong result");
});

test("the table of a contest gives rates, and ratios only where a peer took part", () => {
  const results: PeerResults = {
    ...{ host: { runtime: "Node 24", cpu: "some", cores: 2 }, rounds: 5 },
    contests: [
      {
        ...{ threads: 2, ours: { threads: 1, simd: "relaxed" }, absent: ["jax-js: no such backend"] },
        sections: {
          products: [{ work: "64³ NN", flops: 2 * 64 ** 3, ours: 0.01, peers: { A: { ms: 0.02, ratio: 2 } } }],
          optimizers: [
            { work: "sgd 1M", elements: 2 ** 20, ours: 0.5, peers: { A: { ms: 6, ratio: 12 } } },
            { work: "adam 1M", elements: 2 ** 20, ours: 1, peers: { B: { ms: 0.5, ratio: 0.5 } } },
          ],
          training: [{ work: "net", ours: 0.025, peers: {} }],
        },
      },
    ],
  };
  const lines = peerTables(results).split("\n");
  expect(lines).toContain("2 threads, Thalweg on one, relaxed SIMD:");
  expect(lines).toContain("Left out: jax-js: no such backend.");
  expect(lines).toContain("| 64³ NN         | 52.4 GFLOP/s | 2.0× |"); // 524,288 operations in 10 µs
  expect(lines).toContain("| sgd 1M                     | 2097 M/s | 12× |       |");
  expect(lines).toContain("| adam 1M                    | 1049 M/s |     | 0.50× |");
  expect(lines.some((line) => line.startsWith("| net"))).toBe(false); // no peer, no contest
});

test("the table of a contest says when the machine was busy with other things", () => {
  const of = (load: number) =>
    peerTables({ host: { runtime: "Node 24", cpu: "some", cores: 2, load }, rounds: 5, contests: [] });
  expect(of(13.6)).toContain("The machine was busy: 14 threads wanted its 2 cores.");
  expect(of(2.9)).not.toContain("busy"); // two are the bench's own
});

test("the summary of a contest has the rows and peers of the README, on one thread", () => {
  const results: PeerResults = {
    ...{ host: { runtime: "Node 24", cpu: "some", cores: 2 }, rounds: 5 },
    contests: [
      {
        ...{ threads: 1, ours: { threads: 1, simd: "relaxed" }, absent: [] },
        sections: {
          products: [
            { work: "512³ NN", flops: 2 * 512 ** 3, ours: 5, peers: { "jax-js": { ms: 10, ratio: 2 } } },
            { work: "64³ NN", flops: 2 * 64 ** 3, ours: 5, peers: {} },
          ],
          digits: [{ work: "digits to 97 %", ours: 80, peers: { "TensorFlow.js wasm": { ms: 800, ratio: 10 } } }],
        },
      },
    ],
  };
  const lines = peerSummary(results).split("\n");
  expect(lines.filter((line) => line.startsWith("| "))).toEqual([
    "| Node 24, some, one thread, relaxed SIMD |      Thalweg | TensorFlow.js wasm | jax-js |",
    "| :-------------------------------------- | -----------: | -----------------: | -----: |",
    "| product 512³                            | 53.7 GFLOP/s |                    |   2.0× |",
    "| 8×8 digits to 97 % accuracy             |      80.0 ms |                10× |        |",
  ]);
});

test("a profile gives shares of the sum of its parts, and what each would gain at its limit", () => {
  const parts = [
    { ...{ name: "4→2 forward", kind: "products" as const }, time: 0.4, limit: 0.35 },
    { ...{ name: "4→2 gradient of weights", kind: "products" as const }, time: 0.2, limit: 0.15 },
    { ...{ name: "adam", kind: "optimizer" as const }, time: 0.3, limit: 0.2 },
    { ...{ name: "between the kernels", kind: "JavaScript" as const }, time: 0.1, limit: 0 },
  ];
  const cells = profileTable({ name: "4-2 ×1", step: 0.9, parts })
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  expect(cells.slice(2).map((row) => row.slice(1, 6))).toEqual([
    ["products", "60.0 %", "600", "500", "10.0 %"],
    ["· 4→2 forward", "40.0 %", "400", "350", "5.0 %"],
    ["· 4→2 gradient of weights", "20.0 %", "200", "150", "5.0 %"],
    ["optimizer: adam", "30.0 %", "300", "200", "10.0 %"],
    ["JavaScript: between the kernels", "10.0 %", "100", "0", "10.0 %"],
    ["all; 900 µs unobserved", "100.0 %", "1000", "700", "30.0 %"],
  ]);
});
