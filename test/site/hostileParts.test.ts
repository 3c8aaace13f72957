/** What a hostile or a careless hand gives the parts of the arena, without a browser. */
import { execFileSync } from "node:child_process";
import { signal } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.js";
import { landscapes } from "../../src/landscape/index.js";
import { short } from "../../src/site/arena/draw/scale.js";
import { latest } from "../../src/site/arena/lab/latest.js";
import { startOn } from "../../src/site/arena/lab/surfaces.js";
import { gradientsOf, trace } from "../../src/site/arena/lab/trace.js";
import { shellWord } from "../../src/site/arena/parts/copy.js";
import { Asked } from "../../src/site/arena/parts/question.js";
import { readAddress, readView } from "../../src/site/arena/state/address.js";
import { numbers, shown, whole } from "../../src/site/arena/state/fields.js";
import { Values } from "../../src/site/arena/state/values.js";
import { lookAhead } from "../../src/site/arena/stations/nesterov/lookAhead.js";
import { confusionOf } from "../../src/site/arena/stations/train/taken.js";
import { Trainer } from "../../src/site/arena/stations/train/trainer.js";

const problemsOf = (hash: string): Readonly<Record<string, string>> => {
  const values = new Values({
    steps: whole({ initial: 3, min: 1, max: 9 }),
    list: numbers([1], { least: 1, most: 9, size: 9 }),
  });
  values.read(readAddress(hash));
  return values.problems.value;
};

describe("an address", () => {
  it("with a field twice is read, and says so where the field is", () => {
    expect(problemsOf("#a?v=1&steps=2&steps=4")).toEqual({ steps: "is there more than once; the last is read" });
    expect(problemsOf("#a?steps=2&steps=x").steps).toMatch(/^expected a whole number .* got “x”; kept 3$/);
    expect(problemsOf("#a?v=1&v=1&seed=1&seed=2")).toEqual({ seed: "is no field of this station; left out" });
  });

  it("has one question mark: what follows another is part of a field", () => {
    expect(problemsOf("#a?v=1&steps=2?steps=4").steps).toContain("got “2?steps=4”");
  });

  it("with thousands of unknown fields, or an endless one, is read at once and said in few words", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `z${i}=1`).join("&");
    const began = performance.now();
    const said = problemsOf(`#a?${many}`);
    expect(Object.keys(said)).toEqual(["z0", "z1", "z2", "z3", "19996 more"]);
    const long = problemsOf(`#a?${"b".repeat(1e5)}=1&list=${"1,".repeat(1e5)}&steps=${"9".repeat(1e5)}`);
    expect(long.list).toBe("expected at most 4000 characters, got 200000; kept 1");
    for (const [name, text] of Object.entries(long)) expect(`${name}${text}`.length).toBeLessThan(120);
    // A shared machine; naming each field by itself took minutes.
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("is shown without characters that turn or break a line, and never cut within one", () => {
    const turned = "\u202Eevil\u0000\n\u2028\ud800x";
    expect(shown(turned)).toBe("\ufffdevil\ufffd\ufffd\ufffd\ufffdx");
    expect(shown("🏔".repeat(30), 4)).toBe("🏔🏔🏔🏔…");
    expect(shown("abcd", 4)).toBe("abcd");
    const hash = `#a?v=%E2%80%AE&steps=%E2%80%AE&%E2%80%AE=1`;
    for (const [name, text] of Object.entries(problemsOf(hash))) expect(name + text).not.toMatch(/\p{Cf}/u);
    expect(readAddress(hash).problem).not.toMatch(/\p{Cf}/u);
    expect(readView("?hide=%E2%80%AE").problem).not.toMatch(/\p{Cf}/u);
  });
});

it("a run whose line search looks where the surface overflows is taken apart all the same", async () => {
  const engine = await createEngine({ simd: "strict" });
  for (const name of ["monkeySaddle", "saddle", "goldsteinPrice"] as const) {
    const steps = trace(engine, "lbfgs", { lr: 1e9 }, startOn(name), 20, gradientsOf(landscapes[name]));
    expect(steps.length, name).toBeGreaterThan(0);
  }
  engine.dispose();
});

it("what is computed anew gives the page its turns, and a computation that is overtaken ends at the next of them", async () => {
  const asked = signal(1);
  setTimeout(() => {
    asked.value = 2;
  });
  const steps: string[] = [];
  const { found, problem, dispose } = latest(async (pause) => {
    const mine = asked.value;
    for (let part = 0; part < 3; part++) {
      steps.push(`${mine}.${part}`);
      for (const end = performance.now() + 60; performance.now() < end; );
      await pause();
    }
    return mine;
  });
  await expect.poll(() => found.value, { timeout: 5000 }).toBe(2);
  expect(steps).toEqual(["1.0", "2.0", "2.1", "2.2"]);
  expect(problem.value).toBe("");
  dispose();
});

it("the points from which Nesterov looks ahead have each a step of gradient descent of their own", async () => {
  const engine = await createEngine({ simd: "strict" });
  for (const [lr, steps] of [
    [0.001, 50],
    [1e30, 20], // beyond the numbers at once
  ] as const) {
    const found = lookAhead(engine, landscapes.rosenbrock, { lr, momentum: 0.9 }, [-1.5, 1.5], steps);
    expect(found.length).toBeGreaterThan(0);
    for (const { from, plain } of found) {
      const [alone] = trace(engine, "sgd", { lr }, from, 1, gradientsOf(landscapes.rosenbrock));
      if (alone.to.every(Number.isFinite)) expect(plain).toEqual(alone.to);
      else expect(plain.every(Number.isFinite)).toBe(false);
    }
  }
  engine.dispose();
});

it("an answer that is none gets no verdict, and one whose check fails says why", async () => {
  const check = (answer: number) => {
    if (answer < 0) throw new RangeError("rate: expected one > 0");
    return { right: answer === 1, say: "It is 1." };
  };
  const asked = new Asked({ ask: "?", check }, "0");
  const said = async (answer: number) => {
    await asked.answer(answer);
    return asked.verdict.value;
  };
  expect(await said(1)).toEqual({ right: true, say: "It is 1." });
  expect(await said(2)).toEqual({ right: false, say: "It is 1." });
  expect(await said(Number.NaN)).toEqual({ say: "Expected a number, such as 0.05." });
  expect(await said(-1)).toEqual({ say: "No verdict: rate: expected one > 0" });
});

it("a command to copy has a name from the address as one word, of which a shell expands nothing", () => {
  expect(shellWord("data-1.csv")).toBe("data-1.csv");
  for (const name of ["$(touch gone)", "`id`", "it's; ls", "a\nb", "", 'a"b', "\u001b[2Jx"]) {
    const printed = execFileSync("sh", ["-c", `printf %s ${shellWord(name)}`], { encoding: "utf8" });
    expect(printed).toBe(name.replace(/\p{Cc}/gu, " "));
  }
});

it("of thousands of classes the page is told the worst pairs alone, of few all", () => {
  const classes = Array.from({ length: 1500 }, (_, i) => `c${i}`);
  const counts = classes.map((_, c) => classes.map((__, p) => (c === p ? 9 : (c * 7 + p * 3) % 5)));
  counts[1400][3] = 77;
  counts[2][1499] = 60;
  const score = (confusion: number[][]) => ({ loss: 1, accuracy: 0.5, confusion });
  const { worst = [], ...rest } = confusionOf(score([]), score(counts), classes)!;
  expect(rest).toEqual({ held: true });
  expect(worst.length).toBe(10);
  expect(worst.slice(0, 2)).toEqual([
    { rows: 77, of: "c1400", as: "c3" },
    { rows: 60, of: "c2", as: "c1499" },
  ]);
  const few = [
    [3, 1],
    [0, 4],
  ];
  expect(confusionOf(score(few), undefined, ["a", "b"])).toEqual({ held: false, counts: few });
  expect(confusionOf({ loss: 1, accuracy: null }, undefined, null)).toBe(undefined);
});

it("a station that has been left begins no run, though its table arrives late", () => {
  const trainer = new Trainer();
  trainer.dispose();
  trainer.start({ file: "late.csv", table: "a,b\n1,2", settings: { target: "b" }, backend: "js" }); // Node has no Worker
  expect(trainer.running.value).toBe(false);
});

it("what is no number is a word of English", () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => short(x))).toEqual([
    "none",
    "∞",
    "−∞",
  ]);
});
