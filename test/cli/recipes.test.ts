/** `thalweg recipes`. */
import { describe, expect, it } from "vitest";
import { details } from "../../src/cli/recipes.js";
import { hyperparameters, recipes, tuning } from "../../src/train/recipes.js";
import { thalweg, thalwegEach } from "../support/command.js";

describe("thalweg recipes", () => {
  it("is a table, plain when piped", () => {
    const { status, stdout, stderr } = thalweg("recipes");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    for (const name of Object.keys(recipes)) expect(stdout).toMatch(new RegExp(`^${name} +\\w+ +\\d`, "m"));
    expect(stdout).toMatch(/^language-model +adamw +3e-4 – 1e-3 +0\.01 – 0\.1 +warm-up 1 %,\n +cosine to 10 %$/m);
    expect(stdout).toMatch(/^1\. learning rate: /m);
  });

  it.each(Object.keys(recipes))("shows the whole recipe %s", (name) => {
    const shown = details(recipes[name]).join("\n");
    const { situation, source, optimizer } = recipes[name];
    const text = shown.replaceAll(/\s+/g, " ");
    for (const part of [situation, source, optimizer]) expect(text).toContain(part);
    expect(text).toContain(`recipe("${name}").build(`);
  });

  it("is data with --json", () => {
    const [all, one, text] = thalwegEach(["recipes --json", "recipes gan --json", "recipes gan"]);
    for (const { stderr, stdout } of [all, one])
      expect([stderr, stdout]).toEqual(["", expect.stringMatching(/^\{.*\}\n$/)]);
    expect(JSON.parse(all.stdout)).toEqual({ recipes: Object.values(recipes), hyperparameters, tuning });
    expect(JSON.parse(one.stdout)).toEqual(recipes.gan);
    expect(text.stdout).toBe(`${details(recipes.gan).join("\n")}\n`);
  });

  it("refuses other names", () => {
    const [near, two] = thalwegEach(["recipes convnt", "recipes gan convnet"]);
    expect(near).toMatchObject({ status: 2, stdout: "" });
    expect(near.stderr).toMatch(/^thalweg recipes: expected a recipe among .*did you mean convnet\?/);
    expect(two.stderr).toMatch(/expected one recipe, got "convnet" as well/);
  });
});
