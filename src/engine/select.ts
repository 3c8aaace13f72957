import { checkKeys, checkOneOf, checkPositive, checkWhole, rangeError, typeError } from "../check.js";
import type { HostModule, HostUrl } from "../host/hostTypes.js";
import { isKind } from "../host/realm.js";
import type { Backend } from "./backend.js";
import { detect } from "./detect.js";
import type { PoolOptions } from "./threads/pool.js";
import { type Build, type WasmOptions, wasmBackend } from "./wasm/backend.js";
import core from "./wasm/binaries/core.js";
import { decode } from "./wasm/binaryText.js";
import type { Tile } from "./wasm/tiles.js";

/** Options of an engine; any option left out is detected. */
export interface EngineOptions {
  /** "auto" takes wasm where the host can run it, else js. */
  backend?: "auto" | "wasm" | "js";
  /** "auto" takes relaxed SIMD where the host has it. "strict" gives the same bits on every host. */
  simd?: "auto" | "relaxed" | "strict";
  /**
   * Threads to use, the caller's included; 1 by default, at most four for each core. "auto" takes as many as there are
   * cores, up to 16. Where the host cannot share memory between threads the engine has one, and `engine.reason` says why.
   * Dispose of an engine with threads: its threads end with it.
   */
  threads?: number | "auto";
  /** A binary of `thalweg/wasm/`, for hosts that forbid compiling from bytes: a module, its bytes or where to fetch it. */
  module?: HostModule | ArrayBuffer | ArrayBufferView | HostUrl | string;
  /**
   * The most memory that the engine may take, working memory included; 4096 by default, the most that WebAssembly can
   * address. A call that would need more throws a RangeError with the request, the use and the limit, and changes nothing.
   */
  maxMemoryMiB?: number;
  /** Rows of the register tile of matrix products; by default the faster of the two, as timed during the first products. */
  tile?: Tile;
  /** @internal */
  pool?: PoolOptions;
}

/** A backend, and why it was taken. */
export interface Selected {
  backend: Backend;
  reason: string;
  maxMemoryMiB?: number;
}

/** Picks relaxed SIMD, then SIMD, then js. Throws only when a backend or SIMD asked for by name is not available. */
export async function select(options: EngineOptions): Promise<Selected> {
  checkOptions(options);
  const { backend = "auto", simd = "auto", threads = 1, maxMemoryMiB } = options;
  // Only for more than one thread: hosts that have one alone may throw when they are asked for their cores.
  if (threads !== "auto" && threads > 1) {
    const { most, why } = await (await threadsOf()).bound();
    if (threads > most) throw rangeError("threads", `at most ${most}, ${why}`, threads);
  }
  const limit = maxMemoryMiB === undefined ? {} : { maxMemoryMiB };
  const js = async (why: string): Promise<Selected> => {
    const { jsBackend } = await import("./js/backend.js"); // with twins that only it runs
    return {
      backend: jsBackend(maxMemoryMiB),
      reason: `js: ${why}${threads === 1 ? "" : "; one thread: js has no more"}`,
      ...limit,
    };
  };
  if (backend === "js") return js("asked for");

  const found = options.module === undefined ? await inline(options) : await given(options, options.module);
  if (found.backend) return { backend: found.backend, reason: found.reason, ...limit };
  if (backend === "wasm") throw new Error(`backend "wasm" is not available: ${found.reason}`);
  if (simd === "relaxed") throw new Error(`simd "relaxed" is not available: ${found.reason}`);
  return js(found.reason);
}

const threadsOf = () => import("./threads/host.js");

interface Found {
  backend?: Backend;
  reason: string;
}

/** Tries the builds in the package. */
async function inline(options: EngineOptions): Promise<Found> {
  const { simd = "auto" } = options;
  const host = detect();
  const variants = simd === "auto" ? host.variants : host.variants.filter((variant) => variant === simd);
  const failures = host.lacks && (simd !== "strict" || host.variants.length === 0) ? [host.lacks] : [];
  for (const variant of variants) {
    try {
      const { default: binary } = await (variant === "relaxed"
        ? import("./wasm/binaries/relaxed.js")
        : import("./wasm/binaries/strict.js"));
      const { backend, note } = await withThreads(options, {
        source: decode(core),
        products: { simd: variant, binary },
      });
      const because = failures.join("; ") || (simd === "auto" ? "the best that the host can run" : "asked for");
      return { backend, reason: `wasm, ${variant} SIMD: ${because}${note}` };
    } catch (error) {
      failures.push(`the ${variant} build failed: ${(error as Error).message}`);
    }
  }
  return { reason: failures.join("; ") };
}

/** Takes the binary that the caller gives. */
async function given(options: EngineOptions, module: NonNullable<EngineOptions["module"]>): Promise<Found> {
  const { simd = "auto" } = options;
  if (typeof WebAssembly !== "object") return { reason: detect().lacks };
  try {
    const byAddress = typeof module === "string" || isKind("URL", module);
    const source = byAddress ? await (await import("./wasm/fetchBinary.js")).fetched(module) : module;
    const { backend, note } = await withThreads(options, { source });
    if (simd !== "auto" && backend.simd !== simd) {
      backend.dispose();
      return { reason: `the module given is the ${backend.simd} build, not the ${simd} one` };
    }
    return { backend, reason: `wasm, ${backend.simd} SIMD: the module given${note}` };
  } catch (error) {
    return { reason: `the module given failed: ${(error as Error).message}` };
  }
}

/** A backend of as many of the threads as the host allows, and a note for `engine.reason`. */
async function withThreads(options: EngineOptions, build: Build): Promise<{ backend: Backend; note: string }> {
  const { threads: asked = 1, maxMemoryMiB, tile, pool } = options;
  const common: WasmOptions = {
    ...(maxMemoryMiB !== undefined && { maxMemoryMiB }),
    ...(tile !== undefined && { tile }),
    ...(pool !== undefined && { pool }),
  };
  let note = "";
  if (asked !== 1) {
    const { threads, why } = await (await threadsOf()).allowed(asked);
    let refused = why;
    if (why === "") {
      try {
        const backend = await wasmBackend(build, { ...common, threads });
        return { backend, note: `; ${threads} threads` };
      } catch (error) {
        refused = (error as Error).message;
      }
    }
    note = `; one thread: ${refused}`;
  }
  return { backend: await wasmBackend(build, common), note };
}

function checkOptions(options: EngineOptions): void {
  if (typeof options !== "object" || options === null) throw typeError("options", "an object", options);
  checkKeys("createEngine", options, ["backend", "simd", "threads", "module", "maxMemoryMiB", "tile", "pool"]);
  const { backend = "auto", simd = "auto", threads = 1, maxMemoryMiB, tile } = options;
  checkOneOf("backend", backend, ["auto", "wasm", "js"]);
  checkOneOf("simd", simd, ["auto", "relaxed", "strict"]);
  if (backend === "js" && simd === "relaxed") throw rangeError("simd", '"auto" or "strict" with backend "js"', simd);
  if (threads !== "auto") checkWhole("threads", threads);
  const { module } = options;
  if (module !== undefined && !isSource(module))
    throw typeError("module", "a WebAssembly.Module, its bytes, a URL or a string", module);
  if (maxMemoryMiB !== undefined) checkPositive("maxMemoryMiB", maxMemoryMiB);
  if (tile !== undefined && tile !== 4 && tile !== 6) throw rangeError("tile", "4 or 6", tile);
}

// By tags: the host may have no WebAssembly and no URL, and what is given may be of another realm.
const isSource = (module: unknown): boolean =>
  typeof module === "string" ||
  ArrayBuffer.isView(module) ||
  isKind("URL", module) ||
  isKind("ArrayBuffer", module) ||
  isKind("WebAssembly.Module", module);
