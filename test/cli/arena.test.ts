/** `thalweg arena`: serves the built site, and refuses what it cannot do in one line. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { serveFolder } from "../../src/cli/arenaServer.js";
import { arenaFolder } from "../support/arena.js";
import { MAIN, thalweg } from "../support/command.js";

it("prints the address, and serves the page under a strict policy until it is stopped", async () => {
  const child = spawn(process.execPath, [MAIN, "arena", "--port", "0"]);
  const [chunk] = await once(child.stdout, "data");
  const url = String(chunk).match(/^The arena: (http:\/\/localhost:\d+\/)\n/)![1];
  const response = await fetch(url);
  expect(await response.text()).toContain("<title>Thalweg arena</title>");
  expect(response.headers.get("content-security-policy")).toBe(
    "default-src 'self'; style-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
  );
  expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
  child.kill("SIGINT");
  await once(child, "exit");
});

it.each([
  ["--port 70000", "--port: expected a whole number from 0 to 65535, got 70000", 2],
  ["--port www", '--port: expected a finite number, got "www"', 2],
  ["now", 'expected options alone, got "now"', 2],
])("refuses %s", (words, message, code) => {
  const { status, stderr, stdout } = thalweg(`arena ${words}`);
  expect(stderr).toBe(`thalweg arena: ${message} (see thalweg arena --help)\n`);
  expect([status, stdout]).toEqual([code, ""]);
});

it("says what to do where the port is taken", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "localhost", resolve));
  const { port } = other.address() as { port: number };
  const { status, stderr } = thalweg(`arena --port ${port}`);
  other.close();
  expect(stderr).toBe(`thalweg arena: port ${port} is in use; try --port 0, which takes a free one\n`);
  expect(status).toBe(1);
});

it("serves nothing outside its folder", async () => {
  const { url, close } = await serveFolder({ folder: `${arenaFolder()}/assets`, port: 0 });
  for (const path of [
    "../index.html",
    "..%2findex.html",
    "%2e%2e/index.html",
    "..%5cindex.html",
    "%00",
    "%E0%A4%A",
    "",
  ])
    expect((await fetch(`${url}${path}`)).status, path).toBe(404);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
  await close();
});
