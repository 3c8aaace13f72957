/**
 * The page of the contest: one contest, of as many threads as its address says. The page is isolated from other origins in
 * any case, for its clock; with one thread, peers are told that it is not.
 */
import { report } from "../browser/report.js";
import { type ContestOptions, contest, effort, type Rival } from "./sections.js";
import { ours } from "./thalweg.js";

report(async (query, say) => {
  const threads = Number(query.get("threads"));
  // jax-js makes as many workers as there are cores wherever it finds them, and asks as its module is loaded.
  if (threads === 1) delete (globalThis as { Worker?: unknown }).Worker;
  const options: ContestOptions = {
    quick: query.has("quick"),
    only: query.get("only") ?? undefined,
    work: query.get("work") ?? undefined,
  };
  const rivals: Rival[] = [
    [
      "TensorFlow.js wasm",
      async () => (await import("./tensorflow.js")).tensorflow("wasm", { threads, from: "/tensorflow/" }),
    ],
    ["jax-js", async () => (await import("./jax.js")).jax(threads)],
  ];
  const file = async (name: string) => (await fetch(`/digits/${name}.csv`)).text();
  const digits = async () => ({ train: await file("train"), test: await file("test") });
  const found = await contest({ threads, library: await ours(threads), rivals, digits, say }, options);
  return { rounds: effort(options).rounds, contest: found };
});
