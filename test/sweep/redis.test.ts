/** Sweeps over a real Redis: the same results as on one thread, through kills and restarts; what a worker refuses. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Job, Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/math/random.js";
import { signed } from "../../src/sweep/redis/message.js";
import { inFolder, MAIN, thalwegJson } from "../support/command.js";
import { startRedis } from "../support/redis.js";

const KEY = "0123456789abcdef0123";
const env = { ...process.env, THALWEG_SWEEP_KEY: KEY };
const plan = {
  version: 1,
  task: { table: "flowers.csv" },
  settings: { target: "kind", hidden: [8], epochs: 9 },
  space: { lr: { from: 1e-3, to: 1, scale: "log" }, optimizer: ["adamw", "momentum", "lion"] },
  search: { kind: "asha", trials: 64, max: 9 },
};

/** Of one trial, which goes on for a minute. */
const endless = {
  version: 1,
  task: { module: "endless.mjs" },
  space: { x: [1] },
  search: { kind: "grid" },
};

let redis: Awaited<ReturnType<typeof startRedis>>;
const children = new Set<ChildProcess>();

function start(words: string, url = redis.url) {
  const child = spawn(process.execPath, [MAIN, ...words.split(" "), "--redis", url], { cwd: inFolder(""), env });
  children.add(child);
  const out = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk) => {
      out[name] += chunk;
    });
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      children.delete(child);
      resolve(code);
    }),
  );
  return { child, out, ended };
}
const worker = (more = "") => start(`worker --workers 1 --stalled-after 1 --cache cache${more}`);

/** All that a sweep prints but the time it took. */
const resultsIn = (text: string) => {
  const { seconds: _, ...rest } = JSON.parse(text);
  return JSON.stringify(rest);
};

beforeAll(async () => {
  redis = await startRedis();
  writeFileSync(inFolder("redis.json"), JSON.stringify(plan));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await redis?.stop();
});

describe("a sweep over Redis", () => {
  let whole: string;
  beforeAll(() => {
    whole = resultsIn(JSON.stringify(thalwegJson("sweep redis.json --workers 1")));
  });

  it.each([1, 3])("has the results of one thread with %i workers", async (count) => {
    const workers = Array.from({ length: count }, () => worker());
    const { out, ended } = start("sweep redis.json --json");
    expect([await ended, out.stderr]).toEqual([0, ""]);
    expect(resultsIn(out.stdout)).toBe(whole);
    const connection = new Redis(redis.url);
    const left = await connection.keys("*");
    connection.disconnect();
    expect(left.filter((key) => /checkpoint|tables:[0-9a-f]{16}-/.test(key))).toEqual([]);
    for (const { child, ended } of workers) {
      child.kill("SIGINT");
      expect(await ended).toBe(130);
    }
  });

  it("has them after kills of workers and coordinators and restarts of the server, each result once", async () => {
    const draw = random(7);
    const workers = [worker(), worker()];
    const sweep = () => start("sweep redis.json --json --journal redis.jsonl");
    let coordinator = sweep();
    for (let kill = 1; kill <= 12; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 100 + 300 * draw.uniform()));
      if (kill % 6 === 0) await redis.restart();
      else if (kill % 3 === 0) {
        coordinator.child.kill("SIGKILL");
        await coordinator.ended;
        coordinator = sweep();
      } else {
        const place = kill % 2;
        workers[place].child.kill("SIGKILL");
        workers[place] = worker();
      }
    }
    // What starts while the server is away says so and ends, as it should: it is started again.
    workers.push(worker());
    await coordinator.ended;
    if (/got ECONNREFUSED/.test(coordinator.out.stderr)) coordinator = sweep();
    expect([await coordinator.ended, coordinator.out.stderr]).toEqual([0, ""]);
    expect(resultsIn(coordinator.out.stdout)).toBe(whole);
    const jobs = readFileSync(inFolder("redis.jsonl"), "utf8")
      .split("\n")
      .slice(1, -1)
      .map((line) => JSON.parse(line).job);
    expect(new Set(jobs).size).toBe(jobs.length);
    expect(jobs).toHaveLength(JSON.parse(whole).rows.length);
    for (const { child } of workers) child.kill("SIGKILL");
  });

  it("stores its table again where the server has lost it, or has something else in its place", async () => {
    const file = readFileSync(inFolder("flowers.csv"));
    const key = `thalweg:table:${createHash("sha256").update(file).digest("hex")}`;
    const connection = new Redis(redis.url);
    await connection.del(key);
    await connection.lpush(key, "something else");
    const { ended, out } = start("sweep redis.json --json");
    while ((await connection.type(key)) !== "string") await new Promise((resolve) => setTimeout(resolve, 20));
    await connection.flushall();
    connection.disconnect();
    const { child } = start("worker --workers 1 --cache empty");
    expect([await ended, out.stderr]).toEqual([0, ""]);
    expect(resultsIn(out.stdout)).toBe(whole);
    child.kill("SIGINT");
  });

  it("says when no worker takes its trials", async () => {
    const { child, ended, out } = start("sweep redis.json --top 3");
    while (!out.stderr.includes("no worker")) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(out.stderr).toMatch(/^no worker takes these trials: start thalweg worker with this --redis and/);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  it("ends at once when it is interrupted, with and without a server", async () => {
    const server = await startRedis();
    for (const away of [false, true]) {
      const { child, out, ended } = start("sweep redis.json --journal away.jsonl", server.url);
      await until(server.url, async (connection) => (await connection.keys("bull:thalweg-tables:*")).length > 8);
      if (away) await server.stop();
      const from = performance.now();
      child.kill("SIGINT");
      expect(await ended).toBe(130);
      expect(performance.now() - from).toBeLessThan(20_000); // some 5 s without a server
      const said = out.stderr.trim().split("\n");
      // That no worker is there it says only if it has been so for a look at the queue.
      expect(said.filter((line) => !line.startsWith("no worker takes"))).toEqual([
        "thalweg sweep: interrupted after 0 results",
      ]);
      if (!away) {
        const connection = new Redis(server.url);
        expect((await connection.keys("*")).filter((key) => /tables:[0-9a-f]{16}-/.test(key))).toEqual([]);
        connection.disconnect();
      }
    }
  });
});

describe("a worker whose server is away", () => {
  it.each([false, true])("ends within seconds of one interrupt, with a trial at hand: %s", async (busy) => {
    const server = await startRedis();
    writeFileSync(inFolder("endless.mjs"), "export const run = () => new Promise((end) => setTimeout(end, 60_000));\n");
    writeFileSync(inFolder("endless.json"), JSON.stringify(endless));
    const { child, out, ended } = start("worker --workers 1 --module endless.mjs", server.url);
    const sweep = busy ? start("sweep endless.json", server.url) : undefined;
    const locked = async (connection: Redis) => (await connection.keys("bull:*:lock")).length > 0;
    const waiting = async () => out.stdout.includes("waiting for trials");
    await until(server.url, busy ? locked : waiting);
    await server.stop();
    const from = performance.now();
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(performance.now() - from).toBeLessThan(10_000); // some 3 s
    const away = ` while the server at ${server.url.replace("redis://", "")} is away`;
    // A worker without a trial may be gone before it sees that the server is.
    if (busy)
      expect(out.stderr).toBe(`thalweg worker: interrupted${away}; the trial at hand is left to other workers\n`);
    else expect(out.stderr.replace(away, "")).toBe("thalweg worker: interrupted\n");
    sweep?.child.kill("SIGKILL");
  });
});

/** Waits for something on a server. */
async function until(url: string, holds: (connection: Redis) => Promise<boolean>): Promise<void> {
  const connection = new Redis(url);
  try {
    while (!(await holds(connection))) await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    connection.disconnect();
  }
}

describe("a worker refuses", () => {
  /** Puts a message into the queue; what has come of it. */
  async function fate(message: object, jobId = `${"s".repeat(16)}-t`): Promise<string> {
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const queue = new Queue("thalweg-tables", { connection });
    try {
      const job = await queue.add("trial", message, { jobId });
      // Not by the queue's events: one that is sent before they are first read for is never seen.
      const ended = async () => ["failed", "completed"].includes(await job.getState());
      await until(redis.url, ended);
      const { failedReason, returnvalue } = (await Job.fromId(queue, jobId))!;
      await job.remove();
      return failedReason ?? JSON.stringify(returnvalue);
    } finally {
      await queue.close();
      connection.disconnect();
    }
  }
  const trial = { id: "t", number: 0, settings: { target: "kind" } };
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const work = { table: "x.csv", content: "0".repeat(64) };
  const message = { version, sweep: "s".repeat(64), work, job: { id: "t", trial } };

  it("jobs without a signature, with that of another key, or changed after it was made", async () => {
    const { child, ended } = worker();
    const wrong = /expected a job that a coordinator with this key has signed, got another; it is refused/;
    expect(await fate(message)).toMatch(wrong);
    expect(await fate(signed("another key of some length", message))).toMatch(wrong);
    const right = signed(KEY, message);
    expect(await fate({ ...right, job: { ...right.job, id: "other" } })).toMatch(wrong);
    expect(await fate({ ...right, work: { module: true, content: "1".repeat(64) } })).toMatch(wrong);
    child.kill("SIGINT");
    await ended;
  });

  it("jobs of another version, and those that were signed under another id, whose outcome it would be", async () => {
    const { child, ended } = worker();
    const other = signed(KEY, { ...message, version: "0.0.1" });
    expect(await fate(other)).toMatch(
      `expected a sweep of this worker's version ${version}, got another; it is refused`,
    );
    const moved = await fate(signed(KEY, message), `${"s".repeat(16)}-u`);
    expect(moved).toMatch(/expected a job under the id that was signed with it, got another; it is refused/);
    child.kill("SIGINT");
    await ended;
  });

  it("a table whose bytes are not those of its hash, and paths out of its folder", async () => {
    const { child, ended } = worker();
    const connection = new Redis(redis.url);
    await connection.set(`thalweg:table:${"0".repeat(64)}`, "a,kind\n1,x\n");
    connection.disconnect();
    expect(await fate(signed(KEY, message))).toMatch(/expected a table whose SHA-256 is 0000.*refused/);
    expect(
      await fate(signed(KEY, { ...message, work: { ...work, table: "../../x.csv", content: "../../etc" } })),
    ).toMatch(/expected a hash/);
    child.kill("SIGINT");
    await ended;
  });
});
