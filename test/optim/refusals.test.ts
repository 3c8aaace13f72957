/**
 * Refusals: invalid hyperparameters throw, a TypeError for a wrong type and a RangeError for a wrong value,
 * with a message that names the argument, what was expected and what came. Nothing has changed then.
 */
import { describe, expect, it } from "vitest";
import type { Tensor } from "../../src/engine/tensor.js";
import { backends, shared } from "../support/backends.js";
import { refusalsOf } from "../support/hyperRefusals.js";
import { driven, type Hyper, table } from "../support/options.js";
import { refuses, snapshot, working } from "../support/refusals.js";

const NAN = Number.NaN;
const INFINITY = Number.POSITIVE_INFINITY;

describe.each(backends)("$name", (backend) => {
  const own = shared(backend);
  describe.each(driven)("%s", (name, factory) => {
    const rows = refusalsOf(name, factory.rule);

    it("has a refusal for each hyperparameter", () => {
      const listed = new Set(rows.map(([what]) => what));
      expect([...listed].sort()).toEqual([...Object.keys(factory.rule.hyper), "maximize"].sort());
    });

    it.each(rows)("refuses %s = %s, from the live group", (what, value, error, message) => {
      const engine = own();
      const made = working(engine, factory);
      refuses(made, () => Object.assign(made[0].groups[1], { [what]: value }), error, message);
    });

    it.each(rows)("refuses %s = %s, at the start and of a new group", (what, value, error, message) => {
      const engine = own();
      const made = working(engine, factory);
      const x = engine.tensor(1);
      // Schedules are evaluated at step 0 here.
      const fits = typeof message === "string" ? message.replace("at step 3", "at step 0") : message;
      const groups = made[0].groups.length;
      refuses(made, () => factory([x], { [what]: value }), error, fits);
      const [opt] = made;
      expect(() => opt.addParamGroup({ params: [x], [what]: value })).toThrow(fits);
      expect(opt.groups).toHaveLength(groups);
      expect(() => factory([{ params: [x], [what]: value }])).toThrow(fits);
    });

    it("refuses a step for which a schedule gives what the rule refuses, of any group", () => {
      const engine = own();
      const made = working(engine, factory);
      let lr = 1;
      Object.assign(made[0].groups[1], { lr: () => lr });
      Object.assign(made[0].groups[0], { lr: (step: number) => 1 / (step + 1) });
      for (const bad of [NAN, -1, INFINITY]) {
        lr = bad;
        const before = snapshot(...made);
        let called = false;
        const closure = (): number => {
          called = true;
          return 0;
        };
        expect(() => made[0].step(closure)).toThrow(RangeError);
        expect(called).toBe(false);
        expect(snapshot(...made)).toEqual(before);
      }
      lr = 1;
      made[0].step(() => 0);
      expect(made[0].stepCount).toBe(4);
    });

    it("refuses unknown option names", () => {
      const engine = own();
      const made = working(engine, factory);
      const x = engine.tensor(1);
      const message = new RegExp(
        `^${name}: expected options among lr, .*maximize, onNonFinite, centralize, got "learningRate"$`,
      );
      refuses(made, () => factory([x], { learningRate: 1 }), RangeError, message);
      expect(() => made[0].addParamGroup({ params: [x], learningRate: 1 })).toThrow(message);
      expect(() => Object.assign(made[0].groups[0], { learningRate: 1 })).toThrow(TypeError);
      expect(() => Object.assign(made[0].groups[0], { params: [x] })).toThrow(TypeError);
      expect(() => (made[0].groups[0].params as Tensor[]).push(x)).toThrow(TypeError);
    });

    it("refuses undefined from the live group", () => {
      const engine = own();
      const made = working(engine, factory);
      const set = () => Object.assign(made[0].groups[0], { lr: undefined });
      refuses(made, set, TypeError, "lr: expected a value or a schedule, got undefined");
    });

    it("refuses anything but an object of hyperparameters", () => {
      const engine = own();
      const x = engine.tensor(1);
      for (const bad of [null, 0.1, "fast"]) {
        const made = working(engine, factory);
        refuses(made, () => factory([x], bad as unknown as Hyper), TypeError, /^hyper: expected an object/);
      }
    });
  });

  it("refuses nesterov with dampening", () => {
    const engine = own();
    const [, sgd] = table.find(([name]) => name === "sgd")!;
    const hyper = { momentum: 0.9, nesterov: true, dampening: 0.1 };
    expect(() => sgd([engine.tensor(1)], hyper)).toThrow("nesterov: expected a dampening of 0 with it, got 0.1");
  });
});
