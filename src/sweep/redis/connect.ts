import type { Redis, RedisOptions } from "ioredis";
import { printable, quoted } from "../../check.js";

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
  const { hostname, port, protocol, ...given } = parsedUrl(url);
  const place = `${hostname}:${port || 6379}`;
  const { bullmq, ioredis } = await packages();
  const shared: RedisOptions = {
    host: hostname.replace(/^\[(.*)\]$/, "$1"), // of an IPv6 address
    port: Number(port || 6379),
    db: given.database,
    ...(given.username !== "" && { username: given.username }),
    ...((password ?? given.password) !== "" && { password: password ?? given.password }),
    ...(protocol === "rediss:" && { tls: {} }),
    maxRetriesPerRequest: null, // BullMQ asks for it
  };
  const probe = new ioredis.Redis({
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
    await probe.select(given.database); // one that is not there would be taken for the first
  } catch (error) {
    throw new Error(
      `redis: expected a server at ${place}, got ${reason(problem ?? error)}${protocol === "rediss:" ? "; rediss:// is for one that speaks TLS" : ""}`,
    );
  } finally {
    probe.disconnect();
  }
  const redis = new ioredis.Redis({ ...shared, retryStrategy: () => AGAIN });
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

function parsedUrl(url: string) {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === "")
    throw new RangeError("redis: expected a URL such as redis://localhost:6379, got another text"); // it may hold a password
  const { hostname, port, protocol, username, password, pathname } = parsed;
  if (!/^\/?\d*$/.test(pathname))
    throw new RangeError(`redis: expected the number of a database, got ${quoted(pathname.slice(1))}`);
  const database = Number(pathname.slice(1));
  const [user, secret] = [username, password].map(decodeURIComponent);
  return { hostname, port, protocol, username: user, password: secret, database };
}

/** What a server says that has no room, or other data under the names of the queue, with what can be done. */
export function told(error: unknown, place: string): unknown {
  const { message } = error as Error;
  const problem = (got: string) =>
    new Error(`redis: expected a server with room for the queue at ${place}, got ${got}`, { cause: error });
  if (/\bOOM\b/.test(message)) return problem("one whose maxmemory is reached; raise it, and start this again");
  if (/\bWRONGTYPE\b/.test(message))
    return problem(
      "other data under names that begin with bull:thalweg or thalweg:; remove them, or name another database",
    );
  if (/\b(NOPERM|READONLY|MISCONF)\b/.test(message)) return problem(printable(message));
  return error;
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message: string };
  if (/NOAUTH/.test(message)) return "one that asks for a password; THALWEG_REDIS_PASSWORD has it";
  if (/WRONGPASS|invalid (username-)?password/i.test(message))
    return "one that refuses the password in THALWEG_REDIS_PASSWORD or the URL";
  if (/DB index/.test(message)) return "one that does not have this database";
  return code === undefined ? message : `${code}`;
}
