/** The library's own benches, one section after the other: in Node (main.ts) and in a page (browser/page.ts). */
import { createEngine } from "thalweg";
import { peaks, probes } from "./limits.js";
import { benchDead, benchOptimizers } from "./optimizers.js";
import { benchProducts, products, squares } from "./products.js";
import { benchProfile } from "./profile.js";
import type { Results } from "./tables.js";
import { benchThreads } from "./threads.js";
import { benchTraining } from "./training.js";

export interface RunOptions {
  /** Fewer rounds. */
  quick?: boolean | undefined;
  /** One section alone. */
  only?: string | undefined;
  /** Of the update kernels those that this regular expression matches. */
  kernels?: string | undefined;
}

export async function run(
  { quick, only, kernels }: RunOptions,
  where: Omit<Results["host"], "simd">,
): Promise<Results> {
  const effort = quick ? { rounds: 5, time: 30 } : { rounds: 15, time: 60 };
  const wanted = (section: string) => only === undefined || only === section;
  const { simd } = await createEngine();
  const strict = await probes(false);
  const relaxed = simd === "relaxed" ? await probes(true) : undefined;
  const best = (flops?: number) => ({
    ...peaks(strict, "mul + add", flops),
    ...(relaxed && peaks(relaxed, "madd", flops)),
  });
  const sections = (["products", "training", "profile", "optimizers", "threads"] as const).filter(wanted);
  const rounds = Object.fromEntries(sections.map((section) => [section, effort.rounds]));
  const results: Results = { host: { ...where, simd }, rounds };
  if (wanted("products")) results.products = await benchProducts(best, [...squares, ...products], effort);
  if (wanted("training")) results.training = await benchTraining(best(), effort);
  if (wanted("profile")) results.profile = await benchProfile(best(2 * 128 * 784 * 512), strict, effort);
  if (wanted("optimizers")) {
    const named = kernels === undefined ? undefined : new RegExp(kernels);
    results.optimizers = await benchOptimizers(strict, { n: 1_000_000, only: named }, effort);
    results.dead = await benchDead(100_000, effort);
  }
  if (wanted("threads")) {
    const found = await benchThreads(effort);
    if (found) results.threads = found;
  }
  return results;
}
