/** What runs in pages has no `using`: lowered, it fails in browsers without Symbol.dispose, Safari among them. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { holding } from "../../src/host/holding.js";

const root = fileURLToPath(new URL("../../src/", import.meta.url));
/** Of Node alone. */
const NODE = /^(cli|build|node|sweep|experiments\/worked)\//;

it("is written without", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const has = files.filter((name) => /^\s*(await )?using \w/m.test(readFileSync(`${root}/${name}`, "utf8")));
  expect(has.length).toBeGreaterThan(3); // the command has it
  expect(has.filter((name) => !NODE.test(name.replaceAll("\\", "/")))).toEqual([]);
});

it("what is held is disposed of, the last first, whatever becomes of the work", () => {
  const ended: string[] = [];
  const held = (name: string) => ({ dispose: () => void ended.push(name) });
  expect(holding((hold) => [hold(held("a")), hold(held("b"))].length)).toBe(2);
  expect(ended).toEqual(["b", "a"]);
  const failing = () =>
    holding((hold) => {
      hold(held("c"));
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  expect(ended).toEqual(["b", "a", "c"]);
});
