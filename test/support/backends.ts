import { afterAll, beforeAll } from "vitest";
import { createEngine } from "../../src/engine/create.js";
import { detect } from "../../src/engine/detect.js";
import type { Engine } from "../../src/engine/engine.js";
import type { EngineOptions } from "../../src/engine/select.js";

/** One row of the table of backends that every battery runs over. */
export interface BackendRow {
  name: string;
  /** Whether its products give the bits of the twin. */
  exact: boolean;
  create(options?: EngineOptions): Promise<Engine>;
}

const row = (name: string, exact: boolean, fixed: EngineOptions): BackendRow => ({
  name,
  exact,
  create: (options = {}) => createEngine({ ...options, ...fixed }),
});

/**
 * The backends of this host. js and strict wasm must be there everywhere; relaxed wasm wherever the JavaScript engine
 * has relaxed SIMD (Node 22 and later), so that a Node that should have it and does not fails the run.
 */
export const backends: BackendRow[] = [
  row("js", true, { backend: "js" }),
  row("wasm strict", true, { backend: "wasm", simd: "strict" }),
  ...(Number(process.versions.node.split(".")[0]) >= 22 || detect().variants.includes("relaxed")
    ? [row("wasm relaxed", false, { backend: "wasm", simd: "relaxed" })]
    : []),
];

/**
 * One engine of a row for all the tests of a block that need none of their own: to make one on wasm takes 1.5 ms, several
 * times what most tests of a battery take. What they leave in its memory goes with it.
 */
export function shared(backend: BackendRow): () => Engine {
  let engine: Engine;
  beforeAll(async () => {
    engine = await backend.create();
  });
  afterAll(() => engine.dispose());
  return () => engine;
}

/** What cuts the smallest work into shares, so that the batteries' sizes are split as large ones are. */
export const SPLIT_ALL: NonNullable<EngineOptions["pool"]> = { least: 0, grain: 16 };

/**
 * Strict wasm on several threads, for the batteries that are worth running once more. The caller leaves the workers their
 * shares, so that they do take part.
 */
export const threaded = (threads: number): BackendRow =>
  row(`wasm strict, ${threads} threads`, true, {
    backend: "wasm",
    simd: "strict",
    threads,
    pool: { ...SPLIT_ALL, lazy: true },
  });

/** Shares that workers have run for an engine. */
export function helped(engine: Engine): number {
  const { threaded } = engine.implementation as { threaded?: { pool: { helped: number } } };
  if (threaded === undefined) throw new Error(`an engine of one thread: ${engine.reason}`);
  return threaded.pool.helped;
}
