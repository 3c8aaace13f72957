/** What ends a run from outside, and the exit code that shells give it: 128 and the signal's number. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof CODES;

/** Thrown when Ctrl-C, or a process manager's SIGTERM, ends a run. */
export class Interrupted extends Error {
  readonly signal: Signal;

  constructor(signal: Signal, rest = "") {
    super(`${signal === "SIGINT" ? "interrupted" : "terminated"}${rest}`);
    this.signal = signal;
  }

  get exitCode(): number {
    return CODES[this.signal];
  }
}

/** Runs work with a signal that Ctrl-C and SIGTERM raise. A second one ends the process at once. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = Object.keys(CODES) as Signal[];
  const abort = (signal: Signal) => {
    release();
    controller.abort(new Interrupted(signal));
  };
  const release = () => {
    for (const signal of signals) process.removeListener(signal, abort);
  };
  for (const signal of signals) process.once(signal, abort);
  try {
    return await work(controller.signal);
  } finally {
    release();
  }
}

/** Lets signals and timers through, then throws if the work is to end. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
