import { execFile, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A free port of this machine. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Brings Debian's Redis where there is none, as test/support/chromium.ts does with its browser. */
async function install(): Promise<void> {
  try {
    await run("redis-server", ["--version"]);
  } catch {
    await run("apt-get", ["update", "-qq"]);
    await run("apt-get", ["install", "-y", "-qq", "redis-server"]);
  }
}

/**
 * Runs a server until its standard input ends, and kills it then: also when whoever started it is killed, by a timeout or the
 * kernel, and can do nothing more.
 */
const BOUND = `
exec 3<&0
redis-server "$@" </dev/null 3<&- & server=$!
(cat <&3; kill -9 $server) >/dev/null 2>&1 & watch=$!
exec 3<&- 2>/dev/null # the shell's own "Killed"
wait $server; code=$?
kill -9 $watch # the number of a server that has ended may be another process's
exit $code`;

/** A real server on a loopback port of its own, that writes every command to its disk before it answers. */
export async function startRedis(...flags: string[]) {
  await install();
  const port = await freePort();
  const dir = mkdtempSync(join(process.env.THALWEG_TEST_FOLDER!, "redis-"));
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const start = async () => {
    const words = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, ...durable, ...flags];
    const child = spawn("sh", ["-c", BOUND, "redis", ...words], { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.on("error", () => {}); // it has ended by itself
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`redis-server has ended with code ${code}`)));
      child.stdout.on("data", (chunk) => {
        if (/Ready to accept connections/.test(String(chunk))) resolve();
      });
    });
    return child;
  };
  let child = await start();
  const kill = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdin.end();
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    /** Kills the server, and starts it from what it has on its disk. */
    async restart() {
      await kill();
      child = await start();
    },
    stop: kill,
  };
}
