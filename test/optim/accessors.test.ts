/** Types of hyperparameters in groups: each numeric one of THE TABLE takes a schedule there. Checked by `npm run typecheck`. */
import { expect, it } from "vitest";
import type { Accessors } from "../../src/optim/core/accessors.js";
import type { Rule } from "../../src/optim/core/rule.js";
import type * as factories from "../../src/optim/index.js";
import type { KfacHyper } from "../../src/optim/kfac.js";
import { optimizers } from "../../src/optim/table.js";

type HyperOf<F> = F extends { readonly rule: Rule<infer H, infer _> } ? H : never;
type Numeric<H> = { [K in keyof H]: H[K] extends number | null | readonly (number | null)[] ? K : never }[keyof H];
type Missing = {
  [N in keyof typeof factories]: Exclude<Numeric<HyperOf<(typeof factories)[N]>>, keyof Accessors<number>>;
}[keyof typeof factories];

it("has an accessor for each numeric hyperparameter", () => {
  const missing: never[] = [] as (Missing | Exclude<Numeric<KfacHyper>, keyof Accessors<number>>)[];
  expect(missing).toEqual([]);
});

it("has nothing under a name that no optimizer has", () => {
  const name: string = "adamm";
  expect(optimizers[name]).toBeUndefined();
});
