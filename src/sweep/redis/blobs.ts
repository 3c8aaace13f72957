/** What is too large for a job: tables, by the hash of their bytes, and the checkpoints of halving, signed. */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { isSigned, signature } from "./signature.js";

/** The largest table and the largest checkpoint that are stored: a server keeps them in memory. */
export const MOST_BYTES = { table: 256 * 2 ** 20, checkpoint: 32 * 2 ** 20 } as const;

/** How long they stay after their last use, in seconds: a week. */
const KEPT = 7 * 24 * 3600;
/** The length of a signature, in characters. */
const SIGNED = 64;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Stores a table, unless the server has it. */
export async function storeTable(redis: Redis, content: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MOST_BYTES.table)
    throw new RangeError(
      `table: expected at most ${MOST_BYTES.table} bytes, which a server keeps in memory, got ${bytes.length}`,
    );
  const key = `thalweg:table:${content}`;
  if (await redis.expire(key, KEPT)) return;
  await redis.set(key, Buffer.from(bytes), "EX", KEPT);
}

/** A table, checked; undefined if the server does not have it. */
export async function loadTable(redis: Redis, content: string): Promise<Uint8Array | undefined> {
  const bytes = await redis.getBuffer(`thalweg:table:${content}`);
  if (bytes === null) return undefined;
  if (sha256(bytes) !== content) throw new Error(`expected a table whose SHA-256 is ${content}, got another`);
  return bytes;
}

/** Stores a checkpoint; false for one that is too large: then the trial runs from its beginning. */
export async function storeCheckpoint(redis: Redis, key: string, id: string, bytes: Uint8Array): Promise<boolean> {
  if (bytes.length > MOST_BYTES.checkpoint) return false;
  const signed = Buffer.concat([Buffer.from(signature(key, bytes)), bytes]);
  await redis.set(`thalweg:checkpoint:${id}`, signed, "EX", KEPT);
  return true;
}

/** A checkpoint; undefined for one that is not there, or that no worker with the key has signed. */
export async function loadCheckpoint(redis: Redis, key: string, id: string): Promise<Uint8Array | undefined> {
  const signed = await redis.getBuffer(`thalweg:checkpoint:${id}`);
  if (signed === null) return undefined;
  const bytes = signed.subarray(SIGNED);
  return isSigned(key, bytes, signed.subarray(0, SIGNED).toString()) ? bytes : undefined;
}
