/** docs/abi.md says what abi.json says, and its first program runs. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { binariesTable, functionsBlock, kernelSections } from "../../bench/abiPage.js";
import { abi } from "../support/abi.js";

const page = readFileSync(new URL("../../docs/abi.md", import.meta.url), "utf8");
const part = (mark: string): string | undefined =>
  page.match(new RegExp(`<!-- ${mark} -->\n([\\s\\S]*?)\n<!-- end -->`))?.[1];

test("the generated parts are those of abi.json: otherwise run npm run docs:tables", () => {
  expect(part("binaries")).toBe(binariesTable(abi));
  expect(part("functions")).toBe(functionsBlock(abi));
  expect(part("kernels")).toBe(kernelSections(abi));
});

test("every export has its section, with every argument and every scalar's formula or words", () => {
  const sections = new Map(
    page
      .split(/^### `/m)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf("`")), text]),
  );
  expect([...sections.keys()].sort()).toEqual(Object.keys(abi.kernels).sort());
  for (const [name, { arguments: list, optimizers }] of Object.entries(abi.kernels)) {
    const text = sections.get(name)!;
    expect(text).toContain(`${name}(${list.map((one) => one.name).join(", ")})`);
    for (const one of list) expect(text, `${one.name} of ${name}`).toMatch(new RegExp(`^- .*\`${one.name}\``, "m"));
    for (const optimizer of optimizers) {
      const { formulas } = abi.optimizers[optimizer].kernels[name];
      for (const line of formulas) expect(text).toContain(line);
      for (const { name: scalar, role } of list) {
        if (role !== "scalar" || scalar === "gradScale") continue;
        const set = formulas.some((line) => line.startsWith(`${scalar} = `));
        if (!set) expect(text, `${scalar} of ${name}`).toContain(`- \`${scalar}\`: ${abi.scalars[scalar]}`);
      }
    }
  }
});

test("Adam in twenty lines reaches the minimum", async () => {
  const [, code] = page.match(/```js\n([\s\S]*?)```/)!;
  expect(code.split("\n").filter((line) => line.trim()).length).toBeLessThanOrEqual(20);
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  });
  const found = JSON.parse(stdout) as number[];
  expect(found).toHaveLength(3);
  for (const x of found) expect(Math.abs(x)).toBeLessThan(0.1);
});
