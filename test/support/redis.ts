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

/** A real server on a loopback port of its own, that writes every command to its disk before it answers. */
export async function startRedis(...flags: string[]) {
  await install();
  const port = await freePort();
  const dir = mkdtempSync(join(process.env.THALWEG_TEST_FOLDER!, "redis-"));
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const start = async () => {
    const child = spawn(
      "redis-server",
      ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, ...durable, ...flags],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`redis-server has ended with code ${code}`)));
      child.stdout.on("data", (chunk) => {
        if (/Ready to accept connections/.test(String(chunk))) resolve();
      });
    });
    return child;
  };
  let child = await start();
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    /** Kills the server, and starts it from what it has on its disk. */
    async restart() {
      await end("SIGKILL");
      child = await start();
    },
    stop: () => end("SIGKILL"),
  };
}
