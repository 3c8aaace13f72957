/** What a sweep over Redis says, in one line, of a server that it cannot use, and of secrets. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inFolder, MAIN, thalweg } from "../support/command.js";
import { startRedis } from "../support/redis.js";

const KEY = "0123456789abcdef0123";
const env = { ...process.env, THALWEG_SWEEP_KEY: KEY };
const plan = {
  ...{ version: 1, task: { table: "flowers.csv" }, settings: { target: "kind" } },
  ...{ space: { lr: [0.1, 0.01] }, search: { kind: "grid" } },
};

let redis: Awaited<ReturnType<typeof startRedis>>;
beforeAll(async () => {
  redis = await startRedis();
  writeFileSync(inFolder("redis.json"), JSON.stringify(plan));
});
afterAll(async () => await redis?.stop());

describe("one line says what is wrong", () => {
  const cases: [string, string, NodeJS.ProcessEnv, RegExp][] = [
    [
      "no secret",
      "",
      { THALWEG_SWEEP_KEY: "" },
      /^thalweg sweep: THALWEG_SWEEP_KEY: expected a secret that coordinator/,
    ],
    ["a short secret", "", { THALWEG_SWEEP_KEY: "abc" }, /THALWEG_SWEEP_KEY: expected at least 16 characters/],
    ["no server", "redis://127.0.0.1:1", {}, /redis: expected a server at 127.0.0.1:1, got ECONNREFUSED/],
    ["no such database", "/99", {}, /got one that does not have this database/],
    ["the name of a database", "/sweeps", {}, /redis: expected the number of a database, got "sweeps"/],
    ["another text", "localhost", {}, /redis: expected a URL such as redis:\/\/localhost:6379, got another text/],
    ["a password on the line", "redis://:secret@127.0.0.1:1", {}, /--redis: expected a URL without a password/],
  ];
  it.each(cases)("%s", async (_, url, changes, message) => {
    const child = spawn(
      process.execPath,
      [MAIN, "sweep", "redis.json", "--redis", url.startsWith("/") ? redis.url + url : url || redis.url],
      {
        cwd: inFolder(""),
        env: { ...env, ...changes },
      },
    );
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).not.toBe(0);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("secret@");
  });

  it("a user's name in the URL, and the password in the environment", async () => {
    const users = await startRedis("--user", "bob", "on", ">right", "~*", "&*", "+@all");
    process.env.THALWEG_SWEEP_KEY = KEY;
    process.env.THALWEG_REDIS_PASSWORD = "wrong";
    try {
      const url = users.url.replace("//", "//bob@");
      expect(thalweg(`sweep redis.json --redis ${url}`).stderr).toMatch(/got one that refuses the password/);
      process.env.THALWEG_REDIS_PASSWORD = "right";
      const child = spawn(process.execPath, [MAIN, "worker", "--redis", url], { env: process.env });
      const line = await new Promise((resolve) => child.stdout.once("data", (chunk) => resolve(String(chunk))));
      expect(line).toMatch(/^waiting for trials at 127\.0\.0\.1:\d+/);
      child.kill("SIGKILL");
    } finally {
      delete process.env.THALWEG_REDIS_PASSWORD;
      delete process.env.THALWEG_SWEEP_KEY;
      await users.stop();
    }
  });

  it("a server whose memory is full, or has other data under the queue's names", async () => {
    const full = await startRedis("--maxmemory", "1");
    const connection = new Redis(redis.url);
    process.env.THALWEG_SWEEP_KEY = KEY;
    try {
      const stderr = thalweg(`sweep redis.json --redis ${full.url}`).stderr;
      expect(stderr).toMatch(/got one whose maxmemory is reached; raise it, and start this again\n$/);
      await connection.flushall();
      await connection.set("bull:thalweg-tables:wait", "something else");
      const other = thalweg(`sweep redis.json --redis ${redis.url}`).stderr;
      expect(other).toMatch(/got other data under names that begin with bull:thalweg or thalweg:; remove them/);
      expect(await connection.get("bull:thalweg-tables:wait")).toBe("something else");
      await connection.flushall();
    } finally {
      connection.disconnect();
      delete process.env.THALWEG_SWEEP_KEY;
      await full.stop();
    }
  });

  it("a server that asks for a password, and refuses a wrong one", async () => {
    const guarded = await startRedis("--requirepass", "right");
    try {
      const tried = (password?: string) => {
        if (password === undefined) delete process.env.THALWEG_REDIS_PASSWORD;
        else process.env.THALWEG_REDIS_PASSWORD = password;
        process.env.THALWEG_SWEEP_KEY = KEY;
        return thalweg(`sweep redis.json --redis ${guarded.url}`).stderr;
      };
      expect(tried()).toMatch(/expected a server at 127.0.0.1:\d+, got one that asks for a password/);
      expect(tried("wrong")).toMatch(/got one that refuses the password/);
    } finally {
      delete process.env.THALWEG_REDIS_PASSWORD;
      delete process.env.THALWEG_SWEEP_KEY;
      await guarded.stop();
    }
  });
});
