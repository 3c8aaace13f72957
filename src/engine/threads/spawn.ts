/** Starts a worker thread, of node:worker_threads or of the web. */

export interface Thread {
  stop(): void;
}

/** Callbacks of a thread. */
export interface Reports {
  /** The thread works; it does not keep the process alive. */
  ready(): void;
  /** The thread could not start, or has ended. */
  lost(why: string): void;
}

/** The workers of Node, which Deno and Bun have too; undefined on the web. */
export type NodeThreads = typeof import("node:worker_threads") | undefined;

/** Starts a worker that runs this code. Throws, or calls `lost`, where the host refuses one. */
export function spawn(threads: NodeThreads, code: string, start: object, reports: Reports): Thread {
  return threads ? spawnNode(threads.Worker, code, start, reports) : spawnWeb(code, start, reports);
}

type NodeWorker = typeof import("node:worker_threads").Worker;

function spawnNode(Worker: NodeWorker, code: string, start: object, { ready, lost }: Reports): Thread {
  // Without the loaders of the main thread (execArgv): the code needs none.
  const worker = new Worker(code, { eval: true, execArgv: [], name: "thalweg" } as object);
  worker.on("message", () => {
    worker.unref();
    ready();
  });
  worker.on("error", (error) => lost(String((error as Error).message ?? error)));
  worker.on("exit", () => lost("it ended"));
  worker.postMessage(start);
  return { stop: () => void worker.terminate() };
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): URL };
}

/** Made once: a page whose policy names ours allows one of that name. */
let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/** The address of a worker, as a page takes it that requires Trusted Types (`trusted-types thalweg`). */
function trusted(url: string): string | URL {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    policy ??= trustedTypes?.createPolicy("thalweg", { createScriptURL: (own) => own });
  } catch {} // not named by the page, which refuses the address itself if it must be trusted
  return policy ? policy.createScriptURL(url) : url;
}

function spawnWeb(code: string, start: object, { ready, lost }: Reports): Thread {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(trusted(url), { type: "module", name: "thalweg" });
  worker.onmessage = () => {
    URL.revokeObjectURL(url);
    ready();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    lost(event.message || "no worker starts; a Content Security Policy has to allow worker-src blob:");
  };
  worker.postMessage(start);
  return { stop: () => worker.terminate() };
}
