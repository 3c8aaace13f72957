import type { Redis, RedisOptions } from "ioredis";

/** The packages that a sweep across machines needs, which users install beside thalweg. */
export interface Packages {
  bullmq: typeof import("bullmq");
  ioredis: Pick<typeof import("ioredis"), "Redis">;
}

async function packages(): Promise<Packages> {
  try {
    return { bullmq: await import("bullmq"), ioredis: await import("ioredis") };
  } catch (error) {
    const why = "expected the packages bullmq and ioredis beside thalweg: npm install bullmq ioredis";
    throw new Error(`redis: ${why}`, { cause: error });
  }
}

/** A connection to Redis or Valkey, and where it leads to, as text that may be shown: without a password. */
export interface Connection extends Packages {
  redis: Redis;
  place: string;
  /** Another connection: one that waits for something cannot serve for anything else. */
  another(): Redis;
  /** Ends all of them. */
  close(): void;
}

/** Between two attempts to connect again, in milliseconds. */
const AGAIN = 500;

/** How long a server may take to answer at first, in milliseconds. */
const PATIENCE = 5000;

/**
 * Connects to a server. Once connected, a connection that is lost is made again for as long as it takes.
 *
 * @param url `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS
 * @param password in place of the one in the URL
 * @throws RangeError for a URL that is none; Error, without the password, when the server cannot be reached or refuses it
 */
export async function connect(url: string, password?: string): Promise<Connection> {
  const { hostname, port, protocol } = parsedUrl(url);
  const place = `${hostname}:${port || 6379}`;
  const { bullmq, ioredis } = await packages();
  const shared: RedisOptions = {
    ...(password !== undefined && { password }),
    ...(protocol === "rediss:" && { tls: {} }),
    maxRetriesPerRequest: null, // BullMQ asks for it
  };
  const probe = new ioredis.Redis(url, {
    ...shared,
    lazyConnect: true,
    connectTimeout: PATIENCE,
    retryStrategy: () => null,
  });
  let problem: unknown;
  probe.on("error", (error) => {
    problem = error;
  });
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    throw new Error(
      `redis: expected a server at ${place}, got ${reason(problem ?? error)}${protocol === "rediss:" ? "; rediss:// is for one that speaks TLS" : ""}`,
    );
  } finally {
    probe.disconnect();
  }
  const redis = new ioredis.Redis(url, { ...shared, retryStrategy: () => AGAIN });
  const all = [redis];
  const another = () => {
    const more = redis.duplicate();
    more.on("error", () => {});
    all.push(more);
    return more;
  };
  redis.on("error", () => {}); // it connects again
  return {
    bullmq,
    ioredis,
    redis,
    place,
    another,
    close: () => {
      for (const each of all) each.disconnect();
    },
  };
}

function parsedUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "")
    throw new RangeError("redis: expected a URL such as redis://localhost:6379, got another text"); // it may hold a password
  return parsed;
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (/NOAUTH/.test(message)) return "one that asks for a password; THALWEG_REDIS_PASSWORD has it";
  if (/WRONGPASS|invalid (username-)?password/i.test(message))
    return "one that refuses the password in THALWEG_REDIS_PASSWORD or the URL";
  return code === undefined ? message : `${code}`;
}
