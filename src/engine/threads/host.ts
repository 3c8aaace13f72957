/**
 * What the host has of threads. Loaded only where more than one is asked for, and without imports of what every page
 * has, of which bundlers would make further chunks.
 */
import { builtin } from "../builtin.js";

/** The most threads of "auto": passes over memory gain nothing beyond a few cores, and matrix products of usual sizes little. */
const MOST_THREADS = 16;
const THREADS_PER_CORE = 4;

/** The threads to start, and why there is only one; empty where there are more. */
export async function allowed(asked: number | "auto"): Promise<{ threads: number; why: string }> {
  const why = await hindrance();
  if (asked !== "auto" || why !== "") return { threads: asked === "auto" ? 1 : asked, why };
  const found = await cores();
  if (found === undefined) return { threads: 1, why: "the host does not say how many cores it has" };
  return { threads: Math.min(found, MOST_THREADS), why: found === 1 ? "the host has one core" : "" };
}

/** The most threads that the cores are good for, and why. */
export async function bound(): Promise<{ most: number; why: string }> {
  const known = await cores();
  return known === undefined
    ? { most: MOST_THREADS, why: "as the host does not say how many cores it has" }
    : { most: THREADS_PER_CORE * known, why: `${THREADS_PER_CORE} for each core` };
}

/** Why this host cannot share memory between threads; empty when it can. */
async function hindrance(): Promise<string> {
  if (globalThis.crossOriginIsolated === false) return "the page is not cross-origin isolated";
  if (typeof SharedArrayBuffer === "undefined") return "the host has no shared memory";
  if (typeof Worker !== "function" && !(await builtin("node:worker_threads"))) return "the host has no workers";
  return "";
}

/** The number of cores that the host reports, undefined where it reports none. */
export async function cores(): Promise<number | undefined> {
  const os = await builtin("node:os");
  try {
    return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency;
  } catch {
    return undefined; // hosts for the edge throw when they are asked for what they lack
  }
}
