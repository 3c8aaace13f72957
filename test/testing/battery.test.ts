/** thalweg/testing: right optimizers pass the battery, and one that is wrong in a single way fails where it should. */
import { describe, expect, it } from "vitest";
import type { Twin } from "../../src/engine/backend.js";
import { type AdamwHyper, type AdamwState, adamw, trials as adamwTrials } from "../../src/optim/adamw.js";
import type { Rule } from "../../src/optim/core/rule.js";
import { optimizer } from "../../src/optim/core/ruleOptimizer.js";
import { lion, trials as lionTrials } from "../../src/optim/lion.js";
import { sgd, trials as sgdTrials } from "../../src/optim/sgd.js";
import { battery } from "../../src/testing/index.js";

const refuses = [[{ lr: -1 }, "lr: expected a finite number ≥ 0, got -1"]] as const;

describe.each([...battery(sgd, { ...sgdTrials, refuses }), ...battery(lion, { ...lionTrials, refuses })])(
  "$name",
  ({ run }) => {
    it("passes", run);
  },
);

const adamwRule: Rule<AdamwHyper, AdamwState> = adamw.rule;
const wrong: { what: string; rule: Partial<Rule<AdamwHyper, AdamwState>>; fails: RegExp }[] = [
  {
    what: "a twin that is no twin of its kernel",
    rule: {
      kernels: {
        ...adamwRule.kernels,
        adamw(n, p, g, slots, scalars) {
          (adamwRule.kernels.adamw as Twin)(n, p, g, slots, scalars);
          if (n > 20) p[20] = Math.fround(p[20] + 1);
        },
      },
    },
    fails: /^parity: the default has the bits/,
  },
  {
    what: "a kernel that no variant reaches",
    rule: { kernels: { ...adamwRule.kernels, other: () => {} } },
    fails: /^parity: the variants reach every kernel/,
  },
  {
    what: "a state outside of what is saved",
    rule: (() => {
      let calls = 0;
      const prepare: Rule<AdamwHyper, AdamwState>["prepare"] = (h, s, t, pass) =>
        adamwRule.prepare!({ ...h, lr: h.lr / (1 + 0.01 * calls++) }, s, t, pass);
      return { prepare };
    })(),
    fails: /^state: the default resumes/,
  },
  {
    what: "a step up the hill",
    rule: { prepare: (h, s, t, pass) => adamwRule.prepare!({ ...h, lr: -h.lr }, s, t, pass) },
    fails: /^converge: reaches the minimum of bowl/,
  },
  { what: "no check", rule: { check() {} }, fails: /^refusals: lr = -1/ },
];

describe.each(wrong)("an optimizer with $what", ({ rule, fails }) => {
  it("fails", async () => {
    const factory = optimizer({ ...adamwRule, ...rule });
    const { "": plain, amsgrad } = adamwTrials.variants;
    const cases = battery(factory, {
      descend: adamwTrials.descend,
      variants: { "": plain!, amsgrad: amsgrad! },
      refuses,
    });
    const concerned = cases.filter(({ name }) => fails.test(name));
    expect(concerned.length).toBeGreaterThan(0);
    const outcomes = await Promise.all(
      concerned.map(({ run }) =>
        run().then(
          () => "passed",
          (error: Error) => error.message,
        ),
      ),
    );
    expect(outcomes).not.toContain("passed");
  });
});

it("refuses what it cannot test", () => {
  const call = battery as unknown as (...given: unknown[]) => unknown;
  const descend = { bowl: {}, ravine: {}, rosenbrock: {} };
  expect(() => call("adam", { descend, refuses })).toThrow("factory: expected what optimizer(rule) returned");
  expect(() => call(adamw, { refuses })).toThrow("descend: expected settings for the three surfaces");
  expect(() => call(adamw, { descend })).toThrow("refuses: expected a list of [settings, message]");
  expect(() => call(adamw, { descend, refuses, variant: {} })).toThrow("expected options among variants, descend");
});
