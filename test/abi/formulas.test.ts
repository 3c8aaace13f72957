/**
 * The formulas and loops of abi.json say all that a caller needs: scalars made from them are those of the library's own
 * steps, loops have the bits of the kernels, and raw kernels with these scalars follow the golden trajectories.
 */
import { describe, expect, test } from "vitest";
import { abi, draw, drawn, Raw } from "../support/abi.js";
import { decoded, runLoop, runs, scalarsOf, stepOf } from "../support/abiSteps.js";
import { bound, expectClose, trajectories } from "../support/golden.js";
import { firstDifference } from "../support/numbers.js";

const raw = new Raw("strict.wasm");
const calls = Object.entries(abi.optimizers).flatMap(([optimizer, { kernels }]) =>
  Object.entries(kernels).map(([kernel, call]) => ({ optimizer, kernel, call })),
);

test("every update kernel belongs to an optimizer, and every scalar has its words", () => {
  for (const [name, { kind, optimizers, arguments: list }] of Object.entries(abi.kernels)) {
    if (kind !== "update") continue;
    expect(optimizers.length, name).toBeGreaterThan(0);
    for (const scalar of scalarsOf(name)) expect(abi.scalars[scalar], `${scalar} of ${name}`).toBeTruthy();
    expect(list.slice(0, 3).map((one) => one.name)).toEqual(["n", "p", "g"]);
  }
});

test("formulas are complete but where a step needs norms, sums or the closure", () => {
  const others = new Set(calls.filter(({ call }) => !call.complete).map(({ optimizer }) => optimizer));
  expect([...others].sort()).toEqual([
    "adafactor",
    "dadaptAdam",
    "dadaptSgd",
    "fromage",
    "lamb",
    "larc",
    "lars",
    "lbfgs",
    "mars",
    "muon",
    "novograd",
    "prodigy",
    "soap",
    "yellowfin",
  ]);
  expect(calls.filter(({ call }) => call.complete).length).toBeGreaterThan(75);
});

describe("formulas", () => {
  test.each(calls.filter(({ call }) => call.complete))("of $kernel in $optimizer give the library's scalars", (row) => {
    const { hyper, state } = abi.optimizers[row.optimizer];
    const { options, example } = row.call;
    const step = stepOf(row.optimizer, row.kernel);
    const [h, s] = [decoded({ ...hyper, ...options }), decoded(state)];
    let scalars: number[] = [];
    for (let t = 1; t <= example.t; t++) scalars = step(h, s, t);
    expect(scalars.map(Math.fround)).toEqual(example.scalars.slice(1).map(Number));
  });
});

describe("loops", () => {
  const loops = drawn.filter(([, { loop }]) => loop && runs(loop));

  test("most kernels have one that needs no function of its own", () => {
    expect(loops.length).toBeGreaterThanOrEqual(115);
    const without = drawn.filter(([, { kind, loop }]) => kind === "update" && !loop);
    expect(without.map(([name]) => name)).toEqual([]);
  });

  test.each(loops)("%s: the loop has the bits of the kernel", (kernel) => {
    for (const positive of [true, false]) {
      const call = draw(kernel, { sizes: [37], choice: 0, positive, seed: 11 });
      const { after } = raw.call(call);
      runLoop(call);
      expect(firstDifference(Object.values(after) as never, Object.values(call.arrays) as never)).toBeUndefined();
    }
  });
});

/** Optimizers of one pass, with the kernel that their golden cases without further options run. */
const FOLLOWED: [string, string][] = [
  ["adabelief", "adabelief"],
  ["adadelta", "adadelta"],
  ["adagrad", "adagrad"],
  ["adam", "adam"],
  ["adamw", "adamw"],
  ["adamax", "adamax"],
  ["adan", "adan"],
  ["ademamix", "ademamix"],
  ["demonAdam", "demonAdam"],
  ["demonSgd", "demonSgd"],
  ["laprop", "laprop"],
  ["lion", "lion"],
  ["madgrad", "madgrad"],
  ["nadam", "nadam"],
  ["qhadam", "qhadam"],
  ["qhm", "qhm"],
  ["rmsprop", "rmsprop"],
  ["rprop", "rprop"],
  ["scheduleFreeAdamw", "scheduleFreeAdamw"],
  ["scheduleFreeSgd", "scheduleFreeSgd"],
  ["sgd", "sgd"],
  ["sgd", "sgdMomentum"],
  ["sgd", "sgdNesterov"],
  ["sgdw", "sgdwMomentum"],
  ["signsgd", "signsgd"],
  ["tiger", "tiger"],
  ["yogi", "yogi"],
];
/** Options that choose a kernel: a case runs the one that abi.json shows with the same choice. */
const CHOOSE = ["amsgrad", "momentum", "nesterov", "centered"];

/** What a slot holds before the first step. */
function started(start: number | string | null, h: Record<string, unknown>, p: Float32Array): Float32Array {
  if (start === "p") return p.slice();
  const value = typeof start === "string" ? h[start.slice("h.".length)] : start;
  return new Float32Array(p.length).fill(value as number);
}

describe("golden trajectories by raw kernels", () => {
  test.each(FOLLOWED)("%s by %s", (optimizer, kernel) => {
    const { hyper, state, slots, kernels } = abi.optimizers[optimizer];
    const { options, slots: own } = kernels[kernel];
    let followed = 0;
    const files = trajectories.filter(({ factory }) => factory.rule.name === optimizer);
    for (const [{ file, rename }, row] of files.flatMap((one) => one.file.cases.map((row) => [one, row] as const))) {
      const { params0, grads } = file;
      // What a file leaves open has its default.
      const given = Object.entries(rename(row.hyper)).filter(([, x]) => x !== undefined);
      const h = { ...decoded(hyper), ...Object.fromEntries(given) };
      const shown: Record<string, unknown> = { ...hyper, ...options };
      const other = optimizer !== "qhm" && CHOOSE.some((key) => Boolean(h[key]) !== Boolean(shown[key]));
      if (other || h.maximize) continue;
      const s = decoded(state);
      const step = stepOf(optimizer, kernel);
      const p = Float32Array.from(params0);
      const held = Object.entries(own).map(([name, slot]) => [name, started(slots[slot!], h, p)]);
      let arrays = { p, g: new Float32Array(p.length), ...Object.fromEntries(held) };
      for (const [t, g] of grads.entries()) {
        arrays.g.set(g);
        const scalars = [1, ...step(h, s, t + 1)];
        const names = scalarsOf(kernel).map((name, i) => [name, scalars[i]]);
        const made = raw.call({ kernel, given: { n: p.length, ...Object.fromEntries(names) }, arrays });
        arrays = made.after as typeof arrays;
        const want = row.f64[t];
        expectClose([...arrays.p], want, bound(row, want), `${optimizer} ${JSON.stringify(row.hyper)}, step ${t + 1}`);
      }
      followed++;
    }
    expect(followed).toBeGreaterThan(0);
  });
});
