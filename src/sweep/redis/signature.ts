import { createHmac, timingSafeEqual } from "node:crypto";
import { canonical, type Json } from "../trial.js";

/** The least length of a key that is shared by coordinator and workers, in characters. */
const SHORTEST = 16;

/** Refuses a key that could be guessed. */
export function checkKey(key: string | undefined): asserts key is string {
  if (key === undefined || key === "")
    throw new Error(
      "THALWEG_SWEEP_KEY: expected a secret that coordinator and workers share, such as that of: openssl rand -hex 32, got none",
    );
  if (key.length < SHORTEST) throw new Error(`THALWEG_SWEEP_KEY: expected at least ${SHORTEST} characters, got fewer`);
}

/** HMAC-SHA-256 of plain data, or of bytes, in hex. */
export const signature = (key: string, data: Json | Uint8Array): string =>
  createHmac("sha256", key)
    .update(data instanceof Uint8Array ? data : canonical(data))
    .digest("hex");

/** Whether a signature is that of the data; in a time that does not depend on where it differs. */
export function isSigned(key: string, data: Json | Uint8Array, given: unknown): boolean {
  const expected = Buffer.from(signature(key, data));
  const got = Buffer.from(typeof given === "string" ? given : "");
  return got.length === expected.length && timingSafeEqual(got, expected);
}
