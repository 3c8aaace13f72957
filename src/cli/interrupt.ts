/** Thrown when Ctrl-C ends a run. */
export class Interrupted extends Error {
  constructor(message = "interrupted") {
    super(message);
  }
}

/** Runs work with a signal that Ctrl-C raises. A second Ctrl-C ends the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(new Interrupted());
  process.once("SIGINT", abort);
  try {
    return await work(controller.signal);
  } finally {
    process.removeListener("SIGINT", abort);
  }
}

/** Lets signals and timers through, then throws if the work is to end. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
