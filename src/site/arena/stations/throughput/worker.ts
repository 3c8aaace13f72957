/** Measures beside the page, which would disturb it, and which it would stop. */
import { CONTESTS, measured } from "../../../../experiments/throughput.js";
import { createEngine } from "../../../../index.js";
import type { Asked, Said } from "./messages.js";

const host = self as unknown as { postMessage(said: Said): void };

async function measure({ simd, threads }: Asked): Promise<void> {
  const own = await createEngine({ simd, threads: threads === "auto" ? threads : 1 });
  const js = await createEngine({ backend: "js" });
  host.postMessage({ engine: { backend: own.backend, threads: own.threads, reason: own.reason } });
  for (const contest of CONTESTS) host.postMessage({ measured: { id: contest.id, times: measured(contest, own, js) } });
  host.postMessage({ done: true });
}

self.addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  measure(data).catch((error) => host.postMessage({ problem: error instanceof Error ? error.message : String(error) }));
});
