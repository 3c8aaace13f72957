/** A row of the matrix: a host, how to run the training in it, and what is expected of it. */

export interface Outcome {
  hash: string;
  backend: string;
  simd: string;
  reason: string;
  threads: number;
  /** Milliseconds that the training took. */
  ms: number;
  /** Bytes of JavaScript that it loads, gzipped, where a bundler made them. */
  bytes?: number;
}

/** npm packages, pinned. */
export type Packages = Record<string, string>;

export interface Row {
  /** "Vite 8.4.0, worker" */
  name: string;
  /** What a user has to configure; nothing if missing. */
  configuration?: string;
  /** Part of `npm test`; the others are of `npm run test:hosts` alone. */
  always?: boolean;
  packages?: Packages;
  /** What the engine is, where it is not one thread of strict SIMD. */
  expected?: { backend?: string; threads?: number; reason?: RegExp; ms?: number };
  /** The host's own message, where it cannot run the library. */
  limit?: RegExp;
  /** Rows of types have no outcome: they compile or throw. */
  run(host: Host): Promise<Outcome | undefined>;
}

/** What a row works with: a project folder of its own, in which "thalweg" and the row's packages resolve. */
export interface Host {
  folder: string;
  write(files: Record<string, string>): void;
  read(name: string): string;
  /** Runs a program in the folder and returns what it prints; rejects with the tail of that when it fails. */
  exec(command: string, args: string[], options?: ExecOptions): Promise<string>;
  /** The path of a file of an installed package. */
  installed(path: string): string;
}

export interface ExecOptions {
  env?: Record<string, string>;
  /** Milliseconds; three minutes if missing. */
  timeout?: number;
}

/** What the program printed after the word OUTCOME. */
export function outcomeOf(printed: string): Outcome {
  const line = printed.match(/OUTCOME (\{.*\})/)?.[1];
  if (line === undefined) throw new Error(`expected a line "OUTCOME {…}", got: ${printed.trim().slice(-600)}`);
  return JSON.parse(line);
}

/** What became of a row. */
export interface Result {
  name: string;
  configuration: string;
  works: boolean;
  /** Whether it is what the row expects. */
  ok: boolean;
  backend: string;
  bytes?: number;
  /** The engine's reason, or what the host said. */
  reason: string;
  seconds: number;
}

/** Runs a row in its host and holds what comes of it against what is expected. */
export async function judge(row: Row, host: Host, hash: string): Promise<Result> {
  const { name, configuration = "", expected = {}, limit } = row;
  const start = Date.now();
  const result = (rest: Omit<Result, "name" | "configuration" | "seconds">): Result => ({
    name,
    configuration,
    ...rest,
    seconds: (Date.now() - start) / 1000,
  });
  let found: Outcome | undefined;
  try {
    found = await row.run(host);
  } catch (error) {
    const said = String((error as Error).message ?? error);
    const quoted = limit && said.match(limit)?.[0];
    return result({ works: false, ok: quoted !== undefined, backend: "", reason: quoted ?? short(said) });
  }
  if (found === undefined) return result({ works: true, ok: limit === undefined, backend: "", reason: "" });
  const { backend, simd, threads, reason, ms, bytes } = found;
  const wrong = [
    found.hash !== hash && `hash: expected ${hash}, got ${found.hash}`,
    backend !== (expected.backend ?? "wasm") && `backend: expected ${expected.backend ?? "wasm"}, got ${backend}`,
    threads !== (expected.threads ?? 1) && `threads: expected ${expected.threads ?? 1}, got ${threads}`,
    expected.reason && !expected.reason.test(reason) && `reason: expected ${expected.reason}`,
    expected.ms && ms > expected.ms && `expected at most ${expected.ms} ms, got ${ms}`,
    limit && `expected the host to fail with ${limit}`,
  ].filter(Boolean);
  return result({
    works: found.hash === hash,
    ok: wrong.length === 0,
    backend: `${backend}${backend === "wasm" ? `, ${simd}` : ""}${threads > 1 ? `, ${threads} threads` : ""}`,
    ...(bytes !== undefined && { bytes }),
    reason: [...wrong, reason].join("; "),
  });
}

/** The beginning and the end of what a host said. */
const short = (said: string): string => (said.length > 900 ? `${said.slice(0, 400)} … ${said.slice(-500)}` : said);
