import type { EngineOptions } from "../index.js";

/**
 * What an import of `thalweg/wasm/strict.wasm` (or with `?module`, `?url`) gives: a module in Cloudflare Workers and Next's
 * edge runtime, an address in bundlers that copy the file. `createEngine({ module })` takes either.
 */
declare const binary: NonNullable<EngineOptions["module"]>;
export default binary;
