import { type Connection, connect } from "../sweep/redis/connect.js";
import { checkKey } from "../sweep/redis/signature.js";
import { UsageError } from "./args.js";

/**
 * Connects to the server of `--redis`, with the secrets of the environment: what stands on a command line, every user of the
 * machine can read.
 */
export async function connected(url: string): Promise<{ key: string; connection: Connection }> {
  const { THALWEG_SWEEP_KEY: key, THALWEG_REDIS_PASSWORD: password } = process.env;
  checkKey(key);
  if (URL.canParse(url) && new URL(url).password !== "")
    throw new UsageError(
      "--redis: expected a URL without a password, which others see on a command line, got one with; put it into THALWEG_REDIS_PASSWORD",
    );
  return { key, connection: await connect(url, password) };
}

/** Between the end of an interrupted command and that of its process, at most, in milliseconds. */
const LINGERS = 1000;

/** Ends the process soon: connections to a server that is away are tried again for some time after they are closed. */
export function endSoon(): void {
  setTimeout(() => process.exit(), LINGERS).unref();
}
