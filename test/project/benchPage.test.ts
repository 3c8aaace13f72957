/** The pages of the benches: that they bundle; that of the contest in a Chromium too, until it hands in what it came to. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { open } from "../../bench/browser/browsers.js";
import { type Site, serve } from "../../bench/browser/serve.js";
import { contestSite, PEERS } from "../../bench/browser/sites.js";
import type { Contest } from "../../bench/peerTables.js";
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

/** To start a browser takes 3 s; with twenty threads on two cores it and the page took a minute. */
const PATIENCE = 240_000;
const RIVALS = ["TensorFlow.js wasm", "jax-js"];

test(
  "the contest: one product, checked and timed beside the peers that are installed",
  async () => {
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
  },
  PATIENCE,
);

test(
  "what fails in the page fails the run, with its reason",
  async () => {
    const query = { threads: "1", quick: "", only: "products", work: "(" };
    await expect(visit(contestSite(), query)).rejects.toThrow(/the page failed: .*Invalid regular expression/);
  },
  PATIENCE,
);

test("the page of the library's own benches bundles", async () => {
  const site = await serve({ entry: new URL("../../bench/browser/page.ts", import.meta.url) });
  try {
    const page = await fetch(`${site.origin}/page.js`);
    expect(page.status).toBe(200);
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp"); // for its clock
    expect(await page.text()).toContain("benchOptimizers");
    expect((await fetch(`${site.origin}/nothing.js`)).status).toBe(404);
  } finally {
    await site.close();
  }
});
