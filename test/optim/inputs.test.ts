/**
 * Refusals of parameters, step options and saved states: the right class, a message that names the argument, what was
 * expected and what came, and nothing changed. Those of hyperparameters are in refusals.test.ts.
 */
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/engine/tensor.js";
import type { StateDict } from "../../src/optim/core/state.js";
import { clipGradNorm } from "../../src/optim/gradients/clip.js";
import { backends, shared } from "../support/backends.js";
import { driven, table } from "../support/options.js";
import { type Refused, refuses, working } from "../support/refusals.js";

const NAN = Number.NaN;

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  const foreign = shared(backend);
  describe.each(driven)("%s", (_name, factory) => {
    const params: [string, (x: Tensor, others: Tensor[]) => unknown, Refused, RegExp][] = [
      ["nothing", () => undefined, TypeError, /^params: expected an array of tensors or of groups, got undefined$/],
      ["a tensor", (x) => x, TypeError, /^params: expected an array/],
      ["no tensors", () => [], RangeError, /^params: expected at least one tensor, got \[\]$/],
      [
        "an empty group",
        () => [{ params: [] }],
        RangeError,
        /^groups\[0\].params: expected at least one tensor, got \[\]$/,
      ],
      [
        "a second group, empty",
        (x) => [{ params: [x] }, { params: [] }],
        RangeError,
        /^groups\[1\].params: expected at/,
      ],
      [
        "an array",
        () => [new Float32Array(3)],
        TypeError,
        /^params\[0\]: expected a tensor, or a group .* got a Float32Array of 3$/,
      ],
      ["null", () => [null], TypeError, /^params\[0\]: expected a tensor, or a group .*, got null$/],
      [
        "a group of arrays",
        () => [{ params: [new Float32Array(3)] }],
        TypeError,
        /^groups\[0\].params\[0\]: expected a tensor/,
      ],
      [
        "a tensor, then no tensor",
        (x) => [{ params: [x, 5] }],
        TypeError,
        /^groups\[0\].params\[1\]: expected a tensor, got 5$/,
      ],
      [
        "tensors and groups",
        (x) => [x, { params: [x] }],
        TypeError,
        /^params: expected tensors, or groups .* not both/,
      ],
      [
        "a group and a tensor",
        (x) => [{ params: [x] }, x],
        TypeError,
        /^groups\[1\].params: expected an array of tensors/,
      ],
      [
        "one tensor twice",
        (x) => [x, x],
        RangeError,
        /^groups\[0\].params\[1\]: expected each tensor once, got one for the second/,
      ],
      [
        "one in two groups",
        (x) => [{ params: [x] }, { params: [x] }],
        RangeError,
        /^groups\[1\].params\[0\]: expected each tensor once/,
      ],
      ["one that is disposed", (x, [, gone]) => [x, gone], TypeError, /^groups\[0\].params\[1\]: .*disposed$/],
      [
        "another engine's",
        (x, [foreign]) => [x, foreign],
        TypeError,
        /^groups\[0\].params\[1\]: expected a tensor of the same engine/,
      ],
    ];
    it.each(params)("refuses %s for parameters", (_, given, error, message) => {
      const engine = own();
      const other = foreign();
      const made = working(engine, factory);
      const others = [other.tensor(1), engine.tensor(1)];
      others[1].dispose();
      const x = engine.tensor(1);
      refuses(made, () => factory(given(x, others) as Tensor[]), error, message);
    });

    it("refuses anything but a closure and the options of a step", () => {
      const engine = own();
      const fine = () => 0;
      const steps: [unknown, unknown, Refused, RegExp][] = [
        [5, {}, TypeError, /^closure: expected a function that returns the loss, got 5$/],
        [fine, null, TypeError, /^options: expected an object of options, got null$/],
        [fine, { clip: 1 }, RangeError, /^step: expected options among gradScale, clipNorm, zeroGrad, got "clip"$/],
        [fine, { clipNorm: 0 }, RangeError, /^clipNorm: expected a finite number > 0, got 0$/],
        [fine, { clipNorm: "1" }, TypeError, /^clipNorm: expected a finite number > 0, got "1"$/],
        [fine, { gradScale: NAN }, RangeError, /^gradScale: expected a finite number, got NaN$/],
        [fine, { gradScale: "2" }, TypeError, /^gradScale: expected a finite number, got "2"$/],
        [fine, { zeroGrad: 1 }, TypeError, /^zeroGrad: expected true or false, got 1$/],
      ];
      for (const [closure, options, error, message] of steps) {
        const made = working(engine, factory);
        refuses(made, () => made[0].step(closure as () => number, options as object), error, message);
      }
    });

    it("refuses a step over a tensor that has been disposed", () => {
      const engine = own();
      const [x, y] = [engine.tensor(1, [1]), engine.tensor(1, [1])];
      for (const { grad } of [x, y]) grad[0] = 1;
      const opt = factory([x, y]);
      y.dispose();
      expect(() => opt.step(() => 0)).toThrow(/^params: expected a live tensor, got one that has been disposed$/);
      expect([x.data[0], opt.stepCount]).toEqual([1, 0]);
    });

    const states: [string, (saved: StateDict) => unknown, Refused, RegExp][] = [
      ["nothing", () => undefined, TypeError, /^state: expected what stateDict\(\) returned, got undefined$/],
      [
        "another optimizer's",
        (s) => ({ ...s, optimizer: "x" }),
        RangeError,
        /^state.optimizer: expected "\w+", got "x"$/,
      ],
      [
        "half a step",
        (s) => ({ ...s, stepCount: 1.5 }),
        RangeError,
        /^state.stepCount: expected a whole number ≥ 0, got 1.5$/,
      ],
      ["a third mode", (s) => ({ ...s, mode: "x" }), RangeError, /^state.mode: expected "train" or "eval", got "x"$/],
      ["no groups", (s) => ({ ...s, groups: [] }), RangeError, /^state.groups: expected 2 groups, got \[\]$/],
      ["an empty group", (s) => second(s, null), TypeError, /^state.groups\[1\]: expected an object, got null$/],
      ["no hyper", (s) => second(s, { hyper: undefined }), TypeError, /^state.groups\[1\].hyper: expected an object/],
      [
        "an unknown option",
        (s) => second(s, { hyper: { x: 1 } }),
        RangeError,
        /: expected options among lr, .* got "x"$/,
      ],
      [
        "a bad option",
        (s) => second(s, { hyper: { lr: -1 } }),
        RangeError,
        /^lr: expected a finite number ≥ 0, got -1$/,
      ],
      [
        "no scalars",
        (s) => second(s, { scalars: undefined }),
        TypeError,
        /^state.groups\[1\].scalars: expected an object/,
      ],
      [
        "empty scalars",
        (s) => second(s, { scalars: {} }),
        TypeError,
        /^state.groups\[1\].scalars.\w+: expected a finite number/,
      ],
      ["no params", (s) => second(s, { params: undefined }), TypeError, /^state.groups\[1\].params: expected an array/],
      [
        "too many params",
        (s) => second(s, { params: [{}, {}] }),
        RangeError,
        /^state.groups\[1\].params: expected 1 param/,
      ],
      [
        "null for slots",
        (s) => second(s, { params: [null] }),
        TypeError,
        /^state.groups\[1\].params\[0\]: expected an object/,
      ],
    ];
    // A rule without scalars in its state has none to spoil; the count of steps may be missing, as states once had none.
    const spoils = Object.keys(factory.rule.state?.(factory.rule.hyper) ?? {}).some((name) => name !== "steps");
    const fitting = states.filter(([what]) => spoils || what !== "empty scalars");
    it.each(fitting)("refuses for a state %s", (_, spoil, error, message) => {
      const engine = own();
      const made = working(engine, factory, "momentum" in factory.rule.hyper ? { momentum: 0.9 } : {});
      const saved = made[0].stateDict();
      // If the first group were restored before the second is checked, its learning rate would have changed.
      saved.groups[0].hyper.lr = 77;
      refuses(made, () => made[0].loadStateDict(spoil(saved) as StateDict), error, message);
    });

    it("refuses slots that are missing, of another type or another size", () => {
      const engine = own();
      const hyper = "momentum" in factory.rule.hyper ? { momentum: 0.9 } : {};
      const slots = Object.entries(factory.rule.slots({ ...factory.rule.hyper, ...hyper }, [3]));
      const stateless = ["fromage"];
      expect(slots.length > 0).toBe(!stateless.includes(factory.rule.name));
      for (const [slot, [size]] of slots) {
        for (const [value, error, message] of [
          [undefined, TypeError, "a Float32Array, got undefined"],
          [[0, 0, 0], TypeError, "a Float32Array, got [0, 0, 0]"],
          [{ 0: 0, 1: 0, 2: 0 }, TypeError, "a Float32Array (through JSON it goes by stateDictToJSON), got an Object"],
          [new Float32Array(2), RangeError, `${size} numbers, got a Float32Array of 2`],
        ] as const) {
          const made = working(engine, factory, hyper);
          const saved = made[0].stateDict();
          saved.groups[0].hyper.lr = 77;
          saved.groups[1].params[0][slot] = value as unknown as Float32Array;
          const at = `state.groups[1].params[0].${slot}: expected ${message}`;
          refuses(made, () => made[0].loadStateDict(saved), error, at);
        }
      }
    });
  });

  it("refuses slots of the wrong size that only a schedule will need", () => {
    const engine = own();
    const x = engine.tensor(3);
    x.grad.fill(1);
    const [, sgd] = table.find(([name]) => name === "sgd")!;
    const opt = sgd([x], { momentum: (step: number) => (step < 2 ? 0.9 : 0) });
    for (let t = 0; t < 3; t++) opt.step();
    const saved = opt.stateDict();
    saved.groups[0].params[0].momentumBuffer = new Float32Array(1);
    expect(() => opt.loadStateDict(saved)).toThrow(/momentumBuffer: expected 3 numbers/);
  });

  it("refuses what it cannot clip", () => {
    const engine = own();
    const x = engine.tensor(1);
    x.grad[0] = 5;
    expect(() => clipGradNorm([x], 0)).toThrow(/^clipNorm: expected a finite number > 0, got 0$/);
    expect(() => clipGradNorm([x], NAN)).toThrow(RangeError);
    expect(() => clipGradNorm([], 1)).toThrow(/^params: expected at least one tensor, got \[\]$/);
    expect(() => clipGradNorm(x as unknown as Tensor[], 1)).toThrow(/^params: expected an array of tensors/);
    expect(() => clipGradNorm([x, 5] as Tensor[], 1)).toThrow(/^params\[1\]: expected a tensor, got 5$/);
    expect(x.grad[0]).toBe(5);
    x.dispose();
    expect(() => clipGradNorm([x], 1)).toThrow(/^params\[0\]: .*disposed$/);
  });
});

/** The state with its second group changed. */
function second(saved: StateDict, change: object | null): unknown {
  const [first, group] = saved.groups;
  return { ...saved, groups: [first, change && { ...group, ...change }] };
}
