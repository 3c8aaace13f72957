/** The pages of the benches, in a Chromium: that they bundle, run and hand in what they come to, or why they failed. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { open } from "../../bench/browser/browsers.js";
import { type Site, serve } from "../../bench/browser/serve.js";
import { contestSite, PEERS } from "../../bench/browser/sites.js";
import type { Contest } from "../../bench/peerTables.js";
import type { Results } from "../../bench/tables.js";
import { built } from "../support/built.js";

built("index.js"); // which the contest measures

/** What the page comes to with these options in its address. */
async function visit(made: Promise<Site>, query: Record<string, string>): Promise<unknown> {
  const site = await made;
  try {
    const outcome = site.outcome();
    outcome.catch(() => {});
    const opened = await open("chromium", `${site.origin}/?${new URLSearchParams(query)}`);
    try {
      return (await Promise.race([outcome, opened.gone])).results;
    } finally {
      await opened.close();
    }
  } finally {
    await site.close();
  }
}

const RIVALS = ["TensorFlow.js wasm", "jax-js"];

test("the contest: one product, checked and timed beside the peers that are installed", async () => {
  const query = { threads: "1", quick: "", only: "products", work: "^32³ NN$" };
  const found = (await visit(contestSite(), query)) as { rounds: number; contest: Contest };
  const { threads, ours, absent, sections } = found.contest;
  expect({ threads, ours }).toEqual({ threads: 1, ours: { threads: 1, simd: "relaxed" } });
  expect(Object.keys(sections)).toEqual(["products"]);
  expect(sections.products).toMatchObject([{ work: "32³ NN", flops: 2 * 32 ** 3 }]);
  const [row] = sections.products!;
  expect(row.ours).toBeGreaterThan(32 ** 3 / 1e9); // milliseconds at 2,000 GFLOP/s, which no core reaches
  expect(row.ours).toBeLessThan(10);
  // Where the peers are not installed, the page says so and goes on.
  const present = existsSync(PEERS) ? RIVALS : [];
  expect(Object.keys(row.peers)).toEqual(present);
  expect(absent.map((line) => line.split(":")[0])).toEqual(RIVALS.filter((name) => !present.includes(name)));
});

test("what fails in the page fails the run, with its reason", async () => {
  const query = { threads: "1", quick: "", only: "products", work: "(" };
  await expect(visit(contestSite(), query)).rejects.toThrow(/the page failed: .*Invalid regular expression/);
});

test("the library's own benches: an engine, and the probes that the server makes", async () => {
  const own = serve({ entry: new URL("../../bench/browser/page.ts", import.meta.url) });
  const results = (await visit(own, { quick: "", only: "none" })) as Results;
  expect(results).toEqual({ host: { runtime: "", cpu: "", simd: "relaxed" }, rounds: {} });
});
