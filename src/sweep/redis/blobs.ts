/** What is too large for a job: tables, by the hash of their bytes, and the checkpoints of halving, signed. */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { isSigned, signature } from "./signature.js";

/** The largest table and the largest checkpoint that are stored: a server keeps them in memory. */
export const MOST_BYTES = { table: 256 * 2 ** 20, checkpoint: 32 * 2 ** 20 } as const;

/** How long they stay after their last use, in seconds: a week. */
export const KEPT = 7 * 24 * 3600;
/** The length of a signature, in characters. */
const SIGNED = 64;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Stores a table, over whatever the server has in its place. */
export async function storeTable(redis: Redis, content: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > MOST_BYTES.table)
    throw new RangeError(
      `table: expected at most ${MOST_BYTES.table} bytes, which a server keeps in memory, got ${bytes.length}`,
    );
  await redis.set(`thalweg:table:${content}`, Buffer.from(bytes), "EX", KEPT);
}

/** A table, checked; undefined if the server does not have it. */
export async function loadTable(redis: Redis, content: string): Promise<Uint8Array | undefined> {
  const bytes = await redis.getBuffer(`thalweg:table:${content}`);
  if (bytes === null) return undefined;
  if (sha256(bytes) !== content) throw new Error(`expected a table whose SHA-256 is ${content}, got another`);
  return bytes;
}

/** The checkpoints of a sweep are fields of one hash, so that they can be dropped together. */
const checkpointsOf = (sweep: string): string => `thalweg:checkpoints:${sweep}`;

/** What a checkpoint is signed with: that of another trial or sweep cannot take its place. */
const signedBytes = (sweep: string, id: string, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${sweep}:${id}:`), bytes]);

export interface CheckpointPlace {
  redis: Redis;
  /** The secret of coordinator and workers. */
  key: string;
  /** The sweep's hash. */
  sweep: string;
}

/** Stores a checkpoint; false for one that is too large: then the trial runs from its beginning. */
export async function storeCheckpoint(place: CheckpointPlace, id: string, bytes: Uint8Array): Promise<boolean> {
  const { redis, key, sweep } = place;
  if (bytes.length > MOST_BYTES.checkpoint) return false;
  const signed = Buffer.concat([Buffer.from(signature(key, signedBytes(sweep, id, bytes))), bytes]);
  await redis.hset(checkpointsOf(sweep), id, signed);
  await redis.expire(checkpointsOf(sweep), KEPT);
  return true;
}

/** A checkpoint; undefined for one that is not there, or that no worker with the key has signed. */
export async function loadCheckpoint(place: CheckpointPlace, id: string): Promise<Uint8Array | undefined> {
  const { redis, key, sweep } = place;
  const signed = await redis.hgetBuffer(checkpointsOf(sweep), id);
  if (signed === null) return undefined;
  const bytes = signed.subarray(SIGNED);
  return isSigned(key, signedBytes(sweep, id, bytes), signed.subarray(0, SIGNED).toString()) ? bytes : undefined;
}

export const dropCheckpoint = async (redis: Redis, sweep: string, id: string): Promise<unknown> =>
  await redis.hdel(checkpointsOf(sweep), id);

export const dropCheckpoints = async (redis: Redis, sweep: string): Promise<unknown> =>
  await redis.unlink(checkpointsOf(sweep));
