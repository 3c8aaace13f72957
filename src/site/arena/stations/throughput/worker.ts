/** Measures beside the page, which would disturb it, and which it would stop. */
import { createEngine } from "../../../../index.js";
import { CONTESTS, type Host, medians, type Said } from "./bench.js";

const host = self as unknown as { postMessage(said: Said): void };

async function measure(simd: "auto" | "strict"): Promise<void> {
  const [own, js] = [await createEngine({ simd }), await createEngine({ backend: "js", simd: "strict" })];
  host.postMessage({ engine: { backend: own.backend, reason: own.reason } });
  for (const { id, on, loop } of CONTESTS) {
    const hosts: [Host, () => void][] = [["js", on(js)]];
    if (own.backend === "wasm") hosts.unshift(["wasm", on(own)]);
    if (loop) hosts.push(["loop", loop()]);
    const times = medians(
      hosts.map(([, task]) => task),
      600,
      5,
    );
    host.postMessage({ measured: { id, times: Object.fromEntries(hosts.map(([name], i) => [name, times[i]])) } });
  }
  host.postMessage({ done: true });
}

self.addEventListener("message", ({ data }: MessageEvent<"auto" | "strict">) => {
  measure(data).catch((error) => host.postMessage({ problem: error instanceof Error ? error.message : String(error) }));
});
