/** A reader, a terminal or a disk that is lost in mid-run: what was trained is saved, and the exit code says so. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readCheckpoint } from "../../src/index.js";
import { inFolder, MAIN, started, thalweg } from "../support/command.js";

const words = "train flowers.csv --target kind --hidden none --epochs 1000000 --save-every 100000";

it("saves when the reader of its output is gone, and leaves no temporary file", async () => {
  const child = spawn(
    "bash",
    ["-c", `"${process.execPath}" "${MAIN}" ${words} --save piped.safetensors | head -1; exit \${PIPESTATUS[0]}`],
    {
      cwd: inFolder("."),
    },
  );
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect(status).toBe(141);
  expect(readdirSync(inFolder(".")).filter((name) => name.startsWith("piped"))).toEqual(["piped.safetensors"]);
  readCheckpoint(readFileSync(inFolder("piped.safetensors")));
});

it("saves when its terminal is gone", async () => {
  const { status, stderr } = await started(`${words} --save hung.safetensors`, (child) => void child.kill("SIGHUP"));
  expect([status, stderr.includes("its terminal is gone after step")]).toEqual([129, true]);
  readCheckpoint(readFileSync(inFolder("hung.safetensors")));
});

it("reports a full disk behind its output in one line", async () => {
  const child = spawn("bash", ["-c", `"${process.execPath}" "${MAIN}" optimizers > /dev/full`]);
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect([status, stderr]).toEqual([1, "thalweg: ENOSPC: no space left on device, write\n"]);
});

it("help knows its topics, and no others", () => {
  expect(thalweg("help train").stdout).toMatch(/^Usage: thalweg train/m);
  for (const topic of ["constructor", "__proto__", "nosuch"]) {
    const { status, stderr } = thalweg(`help ${topic}`);
    expect([status, stderr]).toEqual([2, `thalweg: unknown command "${topic}" (see thalweg --help)\n`]);
  }
});

it("nothing of a file or a call reaches the terminal raw", () => {
  const { stderr } = thalweg("train", "\x1b[2J\u202e\u0085no.csv", "--target", "y");
  expect(stderr).toBe("thalweg train: \\u001b[2J\\u202e\\u0085no.csv: expected a CSV file, got no such file\n");
});
