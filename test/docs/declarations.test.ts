/** The declarations of the built package are whole by themselves: a program that checks its libraries compiles. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "thalweg-declarations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("compile in strict mode without skipLibCheck, on the libraries of ES2022 and the DOM", () => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/thalweg"), "dir");
  const entries = ["", "/table", "/data", "/node", "/schedules", "/landscapes", "/recipes"];
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "all.ts"), entries.map((name) => `import "thalweg${name}";\n`).join(""));
  const options = "--strict --exactOptionalPropertyTypes --target es2022 --module nodenext --preserveSymlinks --noEmit";
  let printed = "";
  try {
    execFileSync(join(root, "node_modules/.bin/tsc"), [...options.split(" "), "all.ts"], { cwd: folder });
  } catch (error) {
    printed = String((error as { stdout: unknown }).stdout);
  }
  expect(printed).toBe("");
});
